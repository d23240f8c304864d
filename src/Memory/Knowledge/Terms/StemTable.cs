using System.Collections.Frozen;

namespace AgentKit.Memory.Knowledge.Terms;

/// <summary>
/// The stems of words met lately. Texts repeat their words: a word that was met is looked up, another one that falls on its place takes it.
/// Not for concurrent use.
/// </summary>
internal sealed class StemTable
{
    /// <summary>The hash of no letters.</summary>
    public const uint EmptyHash = 2166136261;

    private const int Places = 1 << 14;

    private static readonly FrozenSet<string> StopWords = FrozenSet.ToFrozenSet(
    [
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of", "on", "or", "s",
        "such", "t", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
    ]);

    [ThreadStatic]
    private static StemTable? current;

    private readonly (string? Word, string Stem)[] _places = new (string?, string)[Places];

    private StemTable()
    {
    }

    /// <summary>The calling thread's table.</summary>
    public static StemTable Current => current ??= new StemTable();

    /// <summary>A word's hash with one more letter (FNV-1a).</summary>
    public static uint Hash(uint hash, char letter) => (hash ^ letter) * 16777619;

    /// <summary>The stem of a word of small letters a to z, empty for a stop word.</summary>
    /// <param name="word">The word; what it holds afterwards is not said.</param>
    /// <param name="hash">Its hash, letter by letter.</param>
    public string StemOf(Span<char> word, uint hash)
    {
        ref (string? Word, string Stem) place = ref _places[(hash ^ (hash >> 15)) & (Places - 1)];
        if (word.SequenceEqual(place.Word)) return place.Stem;
        string key = word.ToString();
        place = (key, StopWords.Contains(key) ? "" : word[..PorterStemmer.Stem(word)].ToString());
        return place.Stem;
    }
}
