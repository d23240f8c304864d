using System.Text.Json;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>What MCP clients are told about a tool beyond its function, and how its calls run.</summary>
public sealed record McpToolInfo
{
    /// <summary>Key in <see cref="AITool.AdditionalProperties"/> whose value is a <see cref="McpToolInfo"/>.</summary>
    public const string Key = "agentkit.mcp";

    /// <summary>The name to show to people.</summary>
    public string? Title { get; init; }

    /// <summary>Icons to show to people.</summary>
    public IReadOnlyList<Icon>? Icons { get; init; }

    /// <summary>Schema of the structured result, an object; the function's own when <c>null</c>.</summary>
    public JsonElement? OutputSchema { get; init; }

    /// <summary>Keeps calls as tasks, for clients that know tasks; <c>null</c>: calls are answered at once.</summary>
    public McpTasks? Tasks { get; init; }

    /// <summary>Looks at a call before it becomes a task; may throw <see cref="McpCall.Ask"/>. The task is given the answers.</summary>
    public Action<McpCall>? BeforeTask { get; init; }

    /// <summary>Whether clients that do not know tasks are refused.</summary>
    public bool NeedsTasks { get; init; }

    /// <summary>What a tool says; nothing when it says nothing.</summary>
    public static McpToolInfo Of(AIFunction tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        return tool.AdditionalProperties.GetValueOrDefault(Key) as McpToolInfo ?? Nothing;
    }

    /// <summary>A tool that says this.</summary>
    /// <param name="tool">The tool; keeps its name, schema and contract.</param>
    public AIFunction Apply(AIFunction tool) => new PresentedTool(tool, this);

    private static McpToolInfo Nothing { get; } = new();

    private sealed class PresentedTool(AIFunction tool, McpToolInfo info) : DelegatingAIFunction(tool)
    {
        public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
            new Dictionary<string, object?>(tool.AdditionalProperties, StringComparer.Ordinal) { [Key] = info };
    }
}
