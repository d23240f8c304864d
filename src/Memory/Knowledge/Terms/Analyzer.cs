using System.Buffers;
using System.Collections.Frozen;

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

    private static readonly FrozenSet<string> StopWords = FrozenSet.ToFrozenSet(
    [
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of", "on", "or", "s",
        "such", "t", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
    ]);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> StopWordLookup =
        StopWords.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly SearchValues<char> AsciiWord =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

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
        int at = 0;
        while (at < text.Length)
        {
            char c = text[at];
            if (IsPaired(c)) at = AddPairs(text, at, buffer, ref sink);
            else if (IsWord(c)) at = AddWord(text, at, buffer, ref sink);
            else at++;
        }
    }

    private static bool IsWord(char c) => c < 0x80 ? AsciiWord.Contains(c) : char.IsLetterOrDigit(c) || IsMark(c);

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

    private static int AddWord<TSink>(ReadOnlySpan<char> text, int start, Span<char> buffer, ref TSink sink)
        where TSink : ITermSink
    {
        int end = start;
        bool mixed = false;
        while (end < text.Length && IsWord(text[end]) && !IsPaired(text[end]))
        {
            mixed |= end > start && IsBorder(text, end);
            end++;
        }

        ReadOnlySpan<char> word = text[start..end];
        AddTerm(word, buffer, ref sink);
        if (!mixed) return end;
        int part = 0;
        for (int i = 1; i <= word.Length; i++)
        {
            if (i < word.Length && !IsBorder(word, i)) continue;
            AddTerm(word[part..i], buffer, ref sink);
            part = i;
        }

        return end;
    }

    /// <summary>Whether a part of a name in mixed case begins here: <c>search|Files</c>, <c>HTTP|Server</c>.</summary>
    private static bool IsBorder(ReadOnlySpan<char> text, int at) =>
        char.IsUpper(text[at])
        && (char.IsLower(text[at - 1]) || (char.IsUpper(text[at - 1]) && at + 1 < text.Length && char.IsLower(text[at + 1])));

    private static void AddTerm<TSink>(ReadOnlySpan<char> word, Span<char> buffer, ref TSink sink)
        where TSink : ITermSink
    {
        int length = 0;
        bool english = true;
        foreach (char c in word)
        {
            if (IsMark(c)) continue;
            if (length == LongestTerm) break;
            char folded = Fold(c);
            english &= char.IsAsciiLetterLower(folded);
            buffer[length++] = folded;
        }

        Span<char> term = buffer[..length];
        if (length == 0 || (english && StopWordLookup.Contains(term))) return;
        sink.Add(english ? term[..PorterStemmer.Stem(term)] : term);
    }

    private static char Fold(char c)
    {
        if (c < 0x80) return char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
        return c is >= '\u00C0' and <= '\u017F' && Folded[c - 0xC0] is not ' ' and var folded ? folded : char.ToLowerInvariant(c);
    }

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
