using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Facts;

/// <summary>A tool over the facts of one scope, with one text as its argument.</summary>
internal abstract class FactTool(string name, string description, string parameter, ToolContract contract) : AIFunction
{
    private static readonly JsonElement TextResult = JsonElement.Parse("""{"type":"string"}""");

    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema { get; } = JsonElement.Parse(
        $$$"""{"type":"object","properties":{"{{{parameter}}}":{"type":"string"}},"required":["{{{parameter}}}"]}""");

    public override JsonElement? ReturnJsonSchema => TextResult;

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = contract.ToProperties();

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        string text = arguments.GetValueOrDefault(parameter) switch
        {
            string given => given,
            JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
            null => throw new ToolException($"missing required argument '{parameter}', expected a string"),
            _ => throw new ToolException($"argument '{parameter}' must be a string"),
        };
        if (string.IsNullOrWhiteSpace(text)) throw new ToolException($"argument '{parameter}' is empty");
        try
        {
            return await AnswerAsync(text.Trim(), ToolCallKey.Find(arguments), cancellationToken).ConfigureAwait(false);
        }
        catch (UserInputException e)
        {
            throw new ToolException(e.Message, e);
        }
    }

    protected abstract Task<string> AnswerAsync(string text, string? callKey, CancellationToken cancellationToken);
}
