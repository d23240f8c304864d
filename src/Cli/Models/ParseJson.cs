using System.Text.Json.Nodes;

namespace AgentKit.Cli.Models;

/// <summary>The document of <c>model parse --json</c>. Texts are empty when there is none.</summary>
internal sealed record ParseJson(
    string Content, string Reasoning, IReadOnlyList<ParseJson.Call> ToolCalls, IReadOnlyList<ParseJson.Diagnostic> Diagnostics)
{
    /// <summary>One call of a tool.</summary>
    internal sealed record Call(string Id, string Name, JsonObject Arguments);

    /// <summary>What looked like a call but was none; it is part of the content.</summary>
    internal sealed record Diagnostic(string Reason, string Text);
}
