using System.Text.Json;

namespace AgentKit.Kernel.Runs;

/// <summary>One tool call as the model asked for it.</summary>
/// <param name="Id">The call's id within its run.</param>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">The arguments object; <c>null</c> when the model's text was not a JSON object.</param>
public sealed record ToolCall(string Id, string Name, JsonElement? Arguments);
