using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Tools.Mcp.Hub.Dispatch;

/// <summary>Tells a model which tools fit a task, with all it needs to call them.</summary>
internal sealed class FindTools(ToolCatalog catalog) : AIFunction
{
    private const int MostHits = 8;

    public override string Name => DispatchTools.Find;

    public override string Description { get; } =
        $"Find tools for a task among {catalog.Count.ToString(CultureInfo.InvariantCulture)} tools of {string.Join(", ", catalog.Servers)}.";

    public override JsonElement JsonSchema { get; } = JsonElement.Parse(
        """{"type":"object","properties":{"query":{"type":"string","description":"What the tool should do, in a few words."}},"required":["query"]}""");

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
        new ToolContract(ToolReplay.Pure, SideEffect.None).ToProperties();

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        string query = arguments.GetValueOrDefault("query") switch
        {
            string text => text,
            JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
            _ => throw new ToolException("argument 'query' must be a text"),
        };
        IReadOnlyList<HubTool> found = catalog.Search(query);
        if (found.Count == 0) return new($"No tool fits '{query}'. Use other words; the servers are {string.Join(", ", catalog.Servers)}.");
        var lines = new StringBuilder();
        foreach (HubTool tool in found.Take(MostHits))
        {
            lines.Append(tool.Name).Append(": ").Append(tool.Description).Append("\n  arguments: ").Append(tool.JsonSchema.GetRawText())
                .Append("\n  call with: ").Append(catalog.CallerOf(tool)).Append('\n');
        }

        if (found.Count > MostHits)
        {
            string others = string.Join(", ", found.Skip(MostHits).Take(MostHits).Select(tool => tool.Name));
            lines.Append(CultureInfo.InvariantCulture, $"[{found.Count - MostHits} tools that fit less well are not described: {others}]");
        }

        return new(lines.ToString().TrimEnd('\n'));
    }
}
