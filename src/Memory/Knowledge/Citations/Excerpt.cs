using AgentKit.Memory.Knowledge.Chunking;
using AgentKit.Memory.Knowledge.Terms;

namespace AgentKit.Memory.Knowledge.Citations;

/// <summary>The part of a passage that says most about a query, where all of it has no room.</summary>
internal static class Excerpt
{
    private const string Mark = "[…]";

    /// <summary>The passage itself, or what stands from that sentence on behind which most of the query's terms are; marks say where something is left out.</summary>
    /// <param name="text">The passage.</param>
    /// <param name="query">The query.</param>
    /// <param name="most">Most characters, marks not counted.</param>
    public static string Of(string text, string query, int most)
    {
        if (text.Length <= most) return text;
        HashSet<string> wanted = [.. Analyzer.TermsOf(query)];
        (int Start, int Found) best = (0, -1);
        for (int at = 0; at < text.Length; at = Sentences.End(text, at))
        {
            int found = Analyzer.TermsOf(text.Substring(at, Math.Min(most, text.Length - at))).Count(wanted.Contains);
            // Of windows that have as many the last: it begins with what is looked for.
            if (found > Math.Max(best.Found - 1, 0) || best.Found < 0) best = (at, found);
        }

        ReadOnlySpan<char> rest = text.AsSpan(best.Start);
        if (rest.Length > most)
        {
            rest = rest[..most];
            int blank = rest.LastIndexOfAny(" \n");
            if (blank > most / 2) rest = rest[..blank];
            else if (char.IsHighSurrogate(rest[^1])) rest = rest[..^1];
        }

        string before = best.Start > 0 ? $"{Mark} " : "";
        string behind = best.Start + rest.Length < text.Length ? $" {Mark}" : "";
        return $"{before}{rest.Trim()}{behind}";
    }
}
