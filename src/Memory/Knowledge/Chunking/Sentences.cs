using System.Collections.Frozen;

namespace AgentKit.Memory.Knowledge.Chunking;

/// <summary>Finds where sentences end.</summary>
internal static class Sentences
{
    private static readonly FrozenSet<string> Abbreviations = FrozenSet.ToFrozenSet(
        ["al", "approx", "cf", "dr", "e.g", "eq", "etc", "fig", "i.e", "inc", "jr", "mr", "mrs", "ms", "no", "nr", "prof", "sec", "sr", "st", "vs"],
        StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> AbbreviationLookup =
        Abbreviations.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The position behind the sentence that begins at <paramref name="start"/>, with the white space that follows it.</summary>
    /// <param name="text">The text; its end ends a sentence.</param>
    /// <param name="start">Where the sentence begins.</param>
    public static int End(ReadOnlySpan<char> text, int start)
    {
        for (int i = start; i < text.Length; i++)
        {
            char c = text[i];
            if (c is '。' or '！' or '？') return SkipBlank(text, i + 1);
            if (c is '\n' && i + 1 < text.Length && text[i + 1] is '\n') return SkipBlank(text, i + 1);
            if (c is not ('.' or '!' or '?')) continue;
            int behind = i + 1;
            while (behind < text.Length && text[behind] is '"' or '\'' or ')' or ']' or '”' or '’') behind++;
            if (behind < text.Length && !char.IsWhiteSpace(text[behind])) continue;
            if (c is '.' && IsAbbreviation(text[start..i])) continue;
            int next = SkipBlank(text, behind);
            if (c is '.' && next < text.Length && char.IsLower(text[next])) continue;
            return next;
        }

        return text.Length;
    }

    private static bool IsAbbreviation(ReadOnlySpan<char> before)
    {
        int start = before.LastIndexOfAny(" \t\n(") + 1;
        ReadOnlySpan<char> word = before[start..];
        return (word.Length == 1 && char.IsUpper(word[0])) || AbbreviationLookup.Contains(word);
    }

    private static int SkipBlank(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
        return at;
    }
}
