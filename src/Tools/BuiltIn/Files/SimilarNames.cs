namespace AgentKit.Tools.BuiltIn.Files;

/// <summary>Finds names that a mistyped one may have meant.</summary>
internal static class SimilarNames
{
    private const int MostSuggestions = 3;
    private const int MostCandidates = 2000;

    /// <summary>A part for a message, <c>; similar: a, b</c>, or nothing.</summary>
    public static string Suggest(string name, IEnumerable<string> candidates)
    {
        var allowed = Math.Max(2, name.Length / 3);
        var similar = candidates
            .Take(MostCandidates)
            .Select(candidate => (Name: candidate, Distance: Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(candidate => candidate.Distance <= allowed)
            .OrderBy(candidate => candidate.Distance)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Take(MostSuggestions)
            .Select(candidate => candidate.Name)
            .ToList();
        return similar.Count == 0 ? "" : $"; similar: {string.Join(", ", similar)}";
    }

    /// <summary>Levenshtein distance: insertions, deletions and replacements that turn one text into the other.</summary>
    private static int Distance(string left, string right)
    {
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        var current = new int[right.Length + 1];
        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
            }
            (previous, current) = (current, previous);
        }
        return previous[right.Length];
    }
}
