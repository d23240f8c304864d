using System.Text.RegularExpressions;

namespace AgentKit.Tools.Mcp.Hub.Dispatch;

/// <summary>
/// Searches tools by words of name, description and arguments. Ranks by Okapi BM25 (Robertson and Zaragoza 2009, eq. 3.15) without the
/// correction for length: a long description is no reason to think less of a tool. A word of the name counts three times.
/// </summary>
internal sealed partial class ToolCatalog
{
    private const double Saturation = 1.2;
    private const int WeightOfName = 3;

    private readonly (HubTool Tool, Dictionary<string, int> Words)[] _tools;
    private readonly HashSet<HubTool> _free;

    public ToolCatalog(IReadOnlyCollection<HubTool> free, IReadOnlyCollection<HubTool> asking)
    {
        _free = [.. free];
        _tools = [.. free.Concat(asking).OrderBy(tool => tool.Name, StringComparer.Ordinal).Select(tool => (tool, CountWords(tool)))];
        Servers = [.. _tools.Select(tool => tool.Tool.Entry.Name).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>How many tools there are.</summary>
    public int Count => _tools.Length;

    /// <summary>The servers they belong to, sorted.</summary>
    public IReadOnlyList<string> Servers { get; }

    /// <summary>The tool that calls a tool.</summary>
    public string CallerOf(HubTool tool) => _free.Contains(tool) ? DispatchTools.Call : DispatchTools.CallWithConsent;

    /// <summary>The tools that have a word of the query, the best first; equals by name.</summary>
    public IReadOnlyList<HubTool> Search(string query)
    {
        string[] words = [.. Words(query).Distinct()];
        return
        [
            .. _tools.Select(tool => (tool.Tool, Score: words.Sum(word => Score(tool.Words, word))))
                .Where(tool => tool.Score > 0)
                .OrderByDescending(tool => tool.Score)
                .ThenBy(tool => tool.Tool.Name, StringComparer.Ordinal)
                .Select(tool => tool.Tool),
        ];
    }

    private double Score(Dictionary<string, int> words, string word)
    {
        if (!words.TryGetValue(word, out int count)) return 0;
        int holding = _tools.Count(tool => tool.Words.ContainsKey(word));
        double rarity = Math.Log(1 + ((_tools.Length - holding + 0.5) / (holding + 0.5)));
        return rarity * count * (Saturation + 1) / (count + Saturation);
    }

    private static Dictionary<string, int> CountWords(HubTool tool)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        Add(Words(tool.Name), WeightOfName);
        Add(Words(tool.Description), 1);
        if (tool.JsonSchema.TryGetProperty("properties", out var properties) && properties.ValueKind == System.Text.Json.JsonValueKind.Object)
            Add(properties.EnumerateObject().SelectMany(argument => Words(argument.Name)), 1);
        return counts;

        void Add(IEnumerable<string> words, int weight)
        {
            foreach (string word in words) counts[word] = counts.GetValueOrDefault(word) + weight;
        }
    }

    /// <summary>Words in lower case, camelCase taken apart, a plural s taken off.</summary>
    private static IEnumerable<string> Words(string text) => Word().Matches(text)
        .Select(match => match.Value.ToLowerInvariant())
        .Select(word => word.Length > 3 && word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) ? word[..^1] : word);

    [GeneratedRegex(@"\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{N}+|\p{Lo}+")]
    private static partial Regex Word();
}
