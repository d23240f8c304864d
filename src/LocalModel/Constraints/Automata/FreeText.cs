using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Constraints.Automata;

/// <summary>
/// Text of any bytes that is watched for stop texts: the automaton of Aho and Corasick (1975), "Efficient string matching: an aid to
/// bibliographic search".
/// </summary>
internal static class FreeText
{
    /// <summary>
    /// Any text that ends with the first occurrence of stop <paramref name="wanted"/> and contains none of the others before.
    /// </summary>
    internal static GrammarExpression UpTo(IReadOnlyList<byte[]> stops, int wanted) => Build(stops, wanted);

    /// <summary>Any text that contains no stop.</summary>
    internal static GrammarExpression Without(IReadOnlyList<byte[]> stops) => Build(stops, -1);

    private static GrammarRule Build(IReadOnlyList<byte[]> stops, int wanted)
    {
        if (stops.Any(s => s.Length == 0))
            throw new UserInputException("stop", "A stop text is empty; it needs at least one character.");
        // A state is the longest end of the text so far that begins a stop.
        var prefixes = stops.SelectMany(s => Enumerable.Range(0, s.Length).Select(n => Convert.ToHexString(s, 0, n))).ToHashSet();
        var rules = prefixes.ToDictionary(p => p, p => new GrammarRule($"text before \"{p}\""));
        foreach (var (prefix, rule) in rules)
        {
            var groups = new Dictionary<string, List<(byte, byte)>>();
            var alternatives = new List<GrammarExpression>();
            for (var value = 0; value < 256; value++)
            {
                var text = prefix + value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture);
                var stop = FirstStop(stops, text);
                if (stop >= 0 && stop != wanted)
                    continue;
                var target = stop >= 0 ? string.Empty : LongestPrefix(text, prefixes);
                var key = stop >= 0 ? "stop" : target;
                if (!groups.TryGetValue(key, out var ranges))
                    groups[key] = ranges = [];
                ranges.Add(((byte)value, (byte)value));
            }

            foreach (var (key, ranges) in groups)
            {
                var step = new GrammarExpression.OneByte(Merge(ranges));
                alternatives.Add(key == "stop" ? step : new GrammarExpression.InOrder([step, rules[key]]));
            }

            if (wanted < 0)
                alternatives.Add(new GrammarExpression.InOrder([]));
            rule.Define(new GrammarExpression.AnyOf([.. alternatives]));
        }

        return rules[string.Empty];
    }

    private static int FirstStop(IReadOnlyList<byte[]> stops, string text)
    {
        for (var s = 0; s < stops.Count; s++)
        {
            var hex = Convert.ToHexString(stops[s]);
            if (text.EndsWith(hex, StringComparison.Ordinal) && text.Length >= hex.Length && (text.Length - hex.Length) % 2 == 0)
                return s;
        }

        return -1;
    }

    private static string LongestPrefix(string text, HashSet<string> prefixes)
    {
        for (var start = 0; start < text.Length; start += 2)
        {
            if (prefixes.Contains(text[start..]))
                return text[start..];
        }

        return string.Empty;
    }

    private static List<(byte Low, byte High)> Merge(List<(byte Low, byte High)> ranges)
    {
        var merged = new List<(byte Low, byte High)>();
        foreach (var (low, high) in ranges)
        {
            if (merged.Count > 0 && merged[^1].High + 1 == low)
                merged[^1] = (merged[^1].Low, high);
            else
                merged.Add((low, high));
        }

        return merged;
    }
}
