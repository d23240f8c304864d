using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AgentKit.Memory.Knowledge.Terms;

/// <summary>
/// Cuts text into the terms that are indexed and searched for: words in lower case without accents, English ones stemmed, without the most
/// frequent words; names in mixed case whole and by their parts; Chinese, Japanese and Korean in pairs of characters.
/// </summary>
internal static class Analyzer
{
    /// <summary>Changes whenever the terms of a text change: an index holds only terms of one version.</summary>
    public const int Version = 1;

    /// <summary>Longer words are data, not words; their beginning is kept.</summary>
    private const int LongestTerm = 64;

    // U+00C0 to U+017F without accents; a space stands for what is no letter.
    private const string Folded =
        "aaaaaaaceeeeiiii" + "dnooooo ouuuuyts" + "aaaaaaaceeeeiiii" + "dnooooo ouuuuyty"
        + "aaaaaaccccccccdd" + "ddeeeeeeeeeegggg" + "gggghhhhiiiiiiii" + "iiiijjkkklllllll"
        + "lllnnnnnnnnnoooo" + "oooorrrrrrssssss" + "ssttttttuuuuuuuu" + "uuuuwwyyyzzzzzzs";

    private const char NoWord = '\0';
    private const char NoLetter = '\u0001';

    private static readonly string FoldedAscii = FoldAscii();

    /// <summary>The different terms of a query, in their order.</summary>
    public static IReadOnlyList<string> TermsOf(string query)
    {
        var terms = new TermList();
        Analyze(query, ref terms);
        return terms.Terms;
    }

    /// <summary>Hands the terms of a text to a sink, in their order.</summary>
    public static void Analyze<TSink>(ReadOnlySpan<char> text, ref TSink sink)
        where TSink : ITermSink
    {
        Span<char> buffer = stackalloc char[LongestTerm];
        StemTable stems = StemTable.Current;
        int at = 0;
        while (at < text.Length)
        {
            char c = text[at];
            if (c < 0x80 && FoldedAscii[c] == NoWord) at++;
            else if (c < 0x80) at = AddPlainWord(text, at, buffer, stems, ref sink);
            else if (IsPaired(c)) at = AddPairs(text, at, buffer, ref sink);
            else if (FoldOther(c) > NoLetter) at = AddWord(text, at, buffer, stems, ref sink);
            else at++;
        }
    }

    private static bool IsMark(char c) => c is >= '\u0300' and <= '\u036F';

    private static bool IsPaired(char c) =>
        c >= '\u3040' && c is <= '\u30FF' or (>= '\u3400' and <= '\u9FFF') or (>= '\uAC00' and <= '\uD7A3') or (>= '\uF900' and <= '\uFAFF');

    private static int AddPairs<TSink>(ReadOnlySpan<char> text, int start, Span<char> buffer, ref TSink sink)
        where TSink : ITermSink
    {
        int end = start;
        while (end < text.Length && IsPaired(text[end])) end++;
        if (end - start == 1) sink.Add(text[start..end]);
        for (int i = start; i + 1 < end; i++)
        {
            text.Slice(i, 2).CopyTo(buffer);
            sink.Add(buffer[..2]);
        }

        return end;
    }

    /// <summary>A short word of ASCII letters and digits, in one pass; any other word is left to <see cref="AddWord"/>.</summary>
    private static int AddPlainWord<TSink>(ReadOnlySpan<char> text, int start, Span<char> buffer, StemTable stems, ref TSink sink)
        where TSink : ITermSink
    {
        ReadOnlySpan<char> folds = FoldedAscii;
        Vector128<byte> word = default;
        Span<byte> letters = MemoryMarshal.CreateSpan(ref Unsafe.As<Vector128<byte>, byte>(ref word), Vector128<byte>.Count);
        (int length, bool english, bool capitals) = (0, true, false);
        foreach (char c in text[start..])
        {
            char folded = c < 0x80 ? folds[c] : c;
            if (folded == NoWord) break;
            if (c >= 0x80 || length == StemTable.LongestWord) return AddWord(text, start, buffer, stems, ref sink);
            capitals |= folded != c && length > 0;
            english &= folded >= 'a';
            letters[length++] = (byte)folded;
        }

        letters[StemTable.LongestWord] = (byte)length;
        Vector128<byte> stem = english ? stems.StemOf(word) : word;
        if (StemTable.Unpack(stem, buffer) is > 0 and var known) sink.Add(buffer[..known]);
        int end = start + length;
        if (capitals) AddParts(text[start..end], buffer, stems, ref sink);
        return end;
    }

    private static int AddWord<TSink>(ReadOnlySpan<char> text, int start, Span<char> buffer, StemTable stems, ref TSink sink)
        where TSink : ITermSink
    {
        (int end, int length, bool english, bool capitals) = (start, 0, true, false);
        for (; end < text.Length; end++)
        {
            char c = text[end];
            char folded = c < 0x80 ? FoldedAscii[c] : FoldOther(c);
            if (folded == NoWord) break;
            if (folded == NoLetter) continue;
            capitals |= folded != c && end > start;
            if (length == LongestTerm) continue;
            english &= char.IsAsciiLetterLower(folded);
            buffer[length++] = folded;
        }

        Add(buffer, length, english, stems, ref sink);
        if (capitals) AddParts(text[start..end], buffer, stems, ref sink);
        return end;
    }

    /// <summary>The parts of a name in mixed case: nothing for a word that is all small or all capital letters.</summary>
    private static void AddParts<TSink>(ReadOnlySpan<char> word, Span<char> buffer, StemTable stems, ref TSink sink)
        where TSink : ITermSink
    {
        int part = 0;
        for (int i = 1; i <= word.Length; i++)
        {
            bool last = i == word.Length;
            if ((last && part == 0) || (!last && !IsBorder(word, i))) continue;
            int length = 0;
            bool english = true;
            foreach (char c in word[part..i])
            {
                char folded = c < 0x80 ? FoldedAscii[c] : FoldOther(c);
                if (folded == NoLetter || length == LongestTerm) continue;
                english &= char.IsAsciiLetterLower(folded);
                buffer[length++] = folded;
            }

            Add(buffer, length, english, stems, ref sink);
            part = i;
        }
    }

    /// <summary>Whether a part of a name in mixed case begins here: <c>search|Files</c>, <c>HTTP|Server</c>.</summary>
    private static bool IsBorder(ReadOnlySpan<char> text, int at) =>
        char.IsUpper(text[at])
        && (char.IsLower(text[at - 1]) || (char.IsUpper(text[at - 1]) && at + 1 < text.Length && char.IsLower(text[at + 1])));

    private static void Add<TSink>(Span<char> buffer, int length, bool english, StemTable stems, ref TSink sink)
        where TSink : ITermSink
    {
        if (english && length is > 0 and <= StemTable.LongestWord) length = StemTable.Unpack(stems.StemOf(StemTable.Pack(buffer[..length])), buffer);
        else if (english && length > 0) length = PorterStemmer.Stem(buffer[..length]);
        if (length > 0) sink.Add(buffer[..length]);
    }

    private static char FoldOther(char c)
    {
        if (IsMark(c)) return NoLetter;
        if (!char.IsLetterOrDigit(c) || IsPaired(c)) return NoWord;
        return c is >= '\u00C0' and <= '\u017F' && Folded[c - 0xC0] is not ' ' and var folded ? folded : char.ToLowerInvariant(c);
    }

    private static string FoldAscii() => string.Create(0x80, 0, (folded, _) =>
    {
        for (int i = 0; i < folded.Length; i++) folded[i] = char.IsAsciiLetterOrDigit((char)i) ? char.ToLowerInvariant((char)i) : NoWord;
    });

    private readonly struct TermList : ITermSink
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

        public TermList()
        {
        }

        public List<string> Terms { get; } = [];

        public void Add(ReadOnlySpan<char> term)
        {
            string text = term.ToString();
            if (_seen.Add(text)) Terms.Add(text);
        }
    }
}
