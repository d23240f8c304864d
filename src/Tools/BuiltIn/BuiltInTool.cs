using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Tools.BuiltIn;

/// <summary>A tool with a fixed name, at most one text parameter, and a text result.</summary>
internal abstract class BuiltInTool(string name, string description, string? parameter, ToolContract contract)
    : SchemaTool(name, description, SchemaOf(parameter), contract)
{
    /// <summary>Does the work.</summary>
    /// <param name="argument">The parameter's value; empty for a tool without parameter.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="ToolException">What the model should know about a failure.</exception>
    protected abstract ValueTask<string> RunAsync(string argument, CancellationToken cancellationToken);

    protected sealed override ValueTask<string> RunAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        RunAsync(parameter is null ? "" : TextOf(arguments, parameter), cancellationToken);

    private static string SchemaOf(string? parameter) => parameter is null
        ? """{"type":"object","properties":{}}"""
        : $$$"""{"type":"object","properties":{"{{{parameter}}}":{"type":"string"}},"required":["{{{parameter}}}"]}""";
}
