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

    private const int MostStems = 32 * 1024;

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

    [ThreadStatic]
    private static Dictionary<string, string>? stems;

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
        int at = 0;
        while (at < text.Length)
        {
            char c = text[at];
            if (IsPaired(c)) at = AddPairs(text, at, buffer, ref sink);
            else if (IsWord(c)) at = AddWord(text, at, buffer, ref sink);
            else at++;
        }
    }

    private static bool IsWord(char c) => (c < 0x80 ? FoldedAscii[c] : FoldOther(c)) > NoLetter;

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

        Add(buffer[..length], english, ref sink);
        if (capitals) AddParts(text[start..end], buffer, ref sink);
        return end;
    }

    /// <summary>The parts of a name in mixed case: nothing for a word that is all small or all capital letters.</summary>
    private static void AddParts<TSink>(ReadOnlySpan<char> word, Span<char> buffer, ref TSink sink)
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

            Add(buffer[..length], english, ref sink);
            part = i;
        }
    }

    /// <summary>Whether a part of a name in mixed case begins here: <c>search|Files</c>, <c>HTTP|Server</c>.</summary>
    private static bool IsBorder(ReadOnlySpan<char> text, int at) =>
        char.IsUpper(text[at])
        && (char.IsLower(text[at - 1]) || (char.IsUpper(text[at - 1]) && at + 1 < text.Length && char.IsLower(text[at + 1])));

    private static void Add<TSink>(Span<char> term, bool english, ref TSink sink)
        where TSink : ITermSink
    {
        if (term.IsEmpty) return;
        if (!english) sink.Add(term);
        else if (TermOfWord(term) is { Length: > 0 } stem) sink.Add(stem);
    }

    /// <summary>The stem of a folded word, nothing for a stop word. Texts repeat their words: each thread keeps the stems it has made.</summary>
    private static string TermOfWord(Span<char> word)
    {
        Dictionary<string, string> known = stems ??= new(MostStems, StringComparer.Ordinal);
        Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> lookup = known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(word, out string? stem)) return stem;
        if (known.Count == MostStems) known.Clear();
        string key = word.ToString();
        stem = StopWords.Contains(key) ? "" : word[..PorterStemmer.Stem(word)].ToString();
        known.Add(key, stem);
        return stem;
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
