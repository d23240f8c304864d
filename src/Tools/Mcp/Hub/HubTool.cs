using System.Text.Json;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>A server's tool, under a name that begins with the server's; it goes on working when the server is started again.</summary>
internal sealed class HubTool : AIFunction
{
    private readonly ServerCalls _calls;
    private readonly ToolContract _contract;

    public HubTool(McpServerEntry entry, ServerCalls calls, Tool tool, string name)
    {
        (_calls, Entry, Target, Name) = (calls, entry, tool.Name, name);
        string about = HiddenText.CleanDescription(tool.Description);
        Description = about.Length > 0 ? about : HiddenText.CleanDescription(tool.Title);
        JsonSchema = HiddenText.CleanSchema(tool.InputSchema);
        ToolContract said = ToolAnnotationMap.ContractOf(tool);
        ApprovalAnswer? rule = entry.RuleFor(tool.Name);
        _contract = said with { Server = entry.Trust is McpTrust.Own ? null : entry.Source, Approval = rule ?? said.Approval };
        AdditionalProperties = _contract.ToProperties();
    }

    /// <summary>The server it belongs to.</summary>
    public McpServerEntry Entry { get; }

    /// <summary>The server's own name for it.</summary>
    public string Target { get; }

    public override string Name { get; }

    public override string Description { get; }

    public override JsonElement JsonSchema { get; }

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; }

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        bool repeatable = _contract.Replay is ToolReplay.Pure or ToolReplay.Idempotent;
        string text = await _calls.CallAsync(Entry, Target, arguments, repeatable, cancellationToken).ConfigureAwait(false);
        return Entry.Trust is McpTrust.Own ? text : MarkedResult.Of(Entry.Name, text);
    }
}
