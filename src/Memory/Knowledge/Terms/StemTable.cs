using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AgentKit.Memory.Knowledge.Terms;

/// <summary>
/// The stems of words met lately. Texts repeat their words: a word that was met is looked up, another one that falls on its place takes it. Words
/// and stems lie in the table itself, so that a word costs one look at memory: 16 bytes each, letters and behind them in the last one their number.
/// Not for concurrent use.
/// </summary>
internal sealed class StemTable
{
    /// <summary>Letters that a word of the table has at most.</summary>
    public const int LongestWord = 15;

    private const int PlaceBits = 14;

    private static readonly FrozenSet<string> StopWords = FrozenSet.ToFrozenSet(
    [
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of", "on", "or", "s",
        "such", "t", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
    ]);

    [ThreadStatic]
    private static StemTable? current;

    private readonly Place[] _places = new Place[1 << PlaceBits];

    private StemTable()
    {
    }

    /// <summary>The calling thread's table.</summary>
    public static StemTable Current => current ??= new StemTable();

    /// <summary>A word in the form of the table.</summary>
    /// <param name="letters">1 to 15 small letters a to z.</param>
    public static Vector128<byte> Pack(ReadOnlySpan<char> letters)
    {
        Span<byte> packed = stackalloc byte[Vector128<byte>.Count];
        for (int i = 0; i < letters.Length; i++) packed[i] = (byte)letters[i];
        packed[LongestWord] = (byte)letters.Length;
        return Vector128.Create<byte>(packed);
    }

    /// <summary>Writes the letters of a word.</summary>
    /// <param name="packed">The word.</param>
    /// <param name="letters">Room for 16.</param>
    /// <returns>How many it has.</returns>
    public static int Unpack(Vector128<byte> packed, Span<char> letters)
    {
        (Vector128<ushort> first, Vector128<ushort> last) = Vector128.Widen(packed);
        Span<ushort> units = MemoryMarshal.Cast<char, ushort>(letters);
        first.CopyTo(units);
        last.CopyTo(units[Vector128<ushort>.Count..]);
        return packed[LongestWord];
    }

    /// <summary>The stem of a word, empty for a stop word.</summary>
    public Vector128<byte> StemOf(Vector128<byte> word)
    {
        Vector128<ulong> halves = word.AsUInt64();
        ulong hash = (halves[0] ^ (halves[1] * 0x9E3779B97F4A7C15)) * 0xD6E8FEB86659FD93;
        ref Place place = ref _places[hash >> (64 - PlaceBits)];
        if (place.Word != word) place = new Place(word, Make(word));
        return place.Stem;
    }

    private static Vector128<byte> Make(Vector128<byte> word)
    {
        Span<char> letters = stackalloc char[LongestWord + 1];
        letters = letters[..Unpack(word, letters)];
        return StopWords.GetAlternateLookup<ReadOnlySpan<char>>().Contains(letters) ? default : Pack(letters[..PorterStemmer.Stem(letters)]);
    }

    /// <summary>A word and its stem.</summary>
    private readonly record struct Place(Vector128<byte> Word, Vector128<byte> Stem);
}
