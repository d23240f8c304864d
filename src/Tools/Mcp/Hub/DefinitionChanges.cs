using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>How a server's tools differ from those that were approved.</summary>
/// <param name="Changed">Tools with another definition, each with what differs.</param>
/// <param name="Added">Tools that nobody has approved.</param>
/// <param name="Removed">Approved tools that are not there.</param>
internal sealed record DefinitionChanges(IReadOnlyList<(string Tool, string What)> Changed, IReadOnlyList<string> Added, IReadOnlyList<string> Removed)
{
    public static DefinitionChanges Between(ApprovedServer approved, IReadOnlyList<Tool> tools)
    {
        var changed = new List<(string, string)>();
        var added = new List<string>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Tool tool in tools)
        {
            names.Add(tool.Name);
            ToolDefinition now = ToolDefinition.Of(tool);
            if (!approved.Tools.TryGetValue(tool.Name, out ApprovedTool? then)) added.Add(tool.Name);
            else if (then.Sha256 != now.Sha256) changed.Add((tool.Name, now.Difference(then.Definition)));
        }

        return new DefinitionChanges(changed, added, [.. approved.Tools.Keys.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal)]);
    }

    /// <summary>The changed tools in words.</summary>
    public string Describe() => string.Join("; ", Changed.Select(change => change.What.Length == 0 ? change.Tool : $"{change.Tool} ({change.What})"));
}
