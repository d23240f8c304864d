using System.Text.Json;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;

namespace AgentKit.Tools.Mcp;

/// <summary>A server's tool as a function: cleaned description, declared contract, result as text. Passes the call's key on.</summary>
internal sealed class McpToolFunction(McpToolConnection connection, McpClientTool tool) : AIFunction
{
    public override string Name => tool.Name;

    public override string Description { get; } = HiddenText.CleanDescription(tool.Description);

    public override JsonElement JsonSchema { get; } = HiddenText.CleanSchema(tool.JsonSchema);

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
        ToolAnnotationMap.ContractOf(tool.ProtocolTool).ToProperties();

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        await connection.CallAsync(tool.Name, arguments, ToolCallKey.Find(arguments), cancellationToken);
}
