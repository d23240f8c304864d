using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Tools.BuiltIn;

/// <summary>A tool with a fixed name, at most one text parameter, and a text result.</summary>
internal abstract class BuiltInTool(string name, string description, string? parameter, ToolContract contract) : AIFunction
{
    public override string Name { get; } = name;

    public override string Description { get; } = description;

    public override JsonElement JsonSchema { get; } = SchemaOf(parameter);

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = contract.ToProperties();

    /// <summary>Does the work.</summary>
    /// <param name="argument">The parameter's value; empty for a tool without parameter.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ToolException">What the model should know about a failure.</exception>
    protected abstract ValueTask<string> RunAsync(string argument, CancellationToken cancellationToken);

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await RunAsync(parameter is null ? "" : TextOf(arguments, parameter), cancellationToken);
    }

    private static string TextOf(AIFunctionArguments arguments, string name)
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

    private static JsonElement SchemaOf(string? parameter)
    {
        var json = parameter is null
            ? """{"type":"object","properties":{}}"""
            : $$$"""{"type":"object","properties":{"{{{parameter}}}":{"type":"string"}},"required":["{{{parameter}}}"]}""";
        return JsonElement.Parse(json);
    }
}
