using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Tools.BuiltIn;

/// <summary>A tool with a fixed name, the parameters of a JSON schema, and a text result.</summary>
internal abstract class SchemaTool(string name, string description, string schema, ToolContract contract) : AIFunction
{
    private static readonly JsonElement TextResult = JsonElement.Parse("""{"type":"string"}""");

    public override string Name { get; } = name;

    public override string Description { get; } = description;

    public override JsonElement JsonSchema { get; } = JsonElement.Parse(schema);

    public override JsonElement? ReturnJsonSchema => TextResult;

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = contract.ToProperties();

    /// <summary>Does the work.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ToolException">What the model should know about a failure.</exception>
    protected abstract ValueTask<string> RunAsync(AIFunctionArguments arguments, CancellationToken cancellationToken);

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await RunAsync(arguments, cancellationToken);
    }

    /// <summary>A required text.</summary>
    protected static string TextOf(AIFunctionArguments arguments, string name)
    {
        if (!arguments.TryGetValue(name, out var value) || value is null)
            throw new ToolException($"missing required argument '{name}', expected a string");
        return value switch
        {
            string text => text,
            JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
            _ => throw new ToolException($"argument '{name}' must be a string"),
        };
    }

    /// <summary>A list of texts; empty when it is not given.</summary>
    protected static IReadOnlyList<string> TextsOf(AIFunctionArguments arguments, string name)
    {
        switch (arguments.GetValueOrDefault(name))
        {
            case null or JsonElement { ValueKind: JsonValueKind.Null }:
                return [];
            case IReadOnlyList<string> texts:
                return texts;
            case JsonElement { ValueKind: JsonValueKind.Array } array when array.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String):
                return [.. array.EnumerateArray().Select(item => item.GetString()!)];
            default:
                throw new ToolException($"argument '{name}' must be an array of strings");
        }
    }
}
