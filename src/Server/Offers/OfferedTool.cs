using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;

namespace AgentKit.Server.Offers;

/// <summary>A tool that answers MCP clients with more than a text.</summary>
internal sealed class OfferedTool(
    string name, string description, string schema, ToolContract contract, Func<AIFunctionArguments, CancellationToken, ValueTask<CallToolResult>> run) : AIFunction
{
    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema { get; } = JsonElement.Parse(schema);

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = contract.ToProperties();

    public static string Text(AIFunctionArguments arguments, string key) => arguments.GetValueOrDefault(key) switch
    {
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        _ => throw new ToolException($"argument '{key}' must be a string"),
    };

    public static int? Number(AIFunctionArguments arguments, string key) => arguments.GetValueOrDefault(key) switch
    {
        null => null,
        int number => number,
        JsonElement { ValueKind: JsonValueKind.Number } json when json.TryGetInt32(out int number) => number,
        _ => throw new ToolException($"argument '{key}' must be an integer"),
    };

    public static JsonElement Element(JsonObject json) => JsonSerializer.SerializeToElement(json);

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        await run(arguments, cancellationToken).ConfigureAwait(false);
}
