using System.Text.RegularExpressions;

namespace AgentKit.Eval.Tasks.Instructions;

/// <summary>
/// Counts sentences as an English sentence splitter does: a full stop ends one unless it belongs to an abbreviation, an initial or a
/// number, or a small letter follows; question and exclamation marks always do; the last sentence needs none. The published program asks a
/// trained splitter (Kiss and Strunk 2006), which may judge a rare abbreviation otherwise.
/// </summary>
internal static partial class SentenceCount
{
    private static readonly HashSet<string> Abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        "mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "mt", "vs", "etc", "inc", "ltd", "co", "corp", "dept", "est", "fig", "gen",
            "gov", "hon", "rev", "sen",
        "rep", "col", "capt", "lt", "sgt", "no", "vol", "pp", "al", "approx", "e.g", "i.e", "u.s", "u.k", "a.m", "p.m", "ph.d", "p.s",
            "p.p.s", "d.c", "jan", "feb",
        "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    };

    public static int Of(string text)
    {
        int count = 0, from = 0;
        foreach (Match end in End().Matches(text))
        {
            if (!EndsSentence(text, end)) continue;
            count++;
            from = end.Index + end.Length;
        }

        return text[from..].Trim().Length > 0 ? count + 1 : count;
    }

    private static bool EndsSentence(string text, Match end)
    {
        if (end.Value.AsSpan().IndexOfAny('!', '?') >= 0) return true;
        int next = end.Index + end.Length;
        while (next < text.Length && (char.IsWhiteSpace(text[next]) || text[next] is '"' or '\'' or '(' or '*' or '“')) next++;
        if (next < text.Length && char.IsLower(text[next])) return false;
        int start = end.Index;
        while (start > 0 && !char.IsWhiteSpace(text[start - 1])) start--;
        string word = text[start..end.Index].TrimStart('(', '"', '\'', '*', '“');
        bool initial = word.Length == 1 && char.IsUpper(word[0]) && word != "I";
        bool numbered = word.Length > 0 && word.All(char.IsDigit) && (start == 0 || text[start - 1] == '\n');
        return !(initial || numbered || Abbreviations.Contains(word)) || next >= text.Length;
    }

    [GeneratedRegex(@"[.!?]+[""'”’)\]*]*(?=\s|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex End();
}
