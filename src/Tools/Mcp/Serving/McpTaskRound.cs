using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>One attempt of a task's tool: the first one, or one after questions were answered.</summary>
/// <param name="Answers">The client's answers by key.</param>
/// <param name="State">What the tool left for itself when it asked.</param>
/// <param name="OnProgress">Told what the tool reports.</param>
public sealed record McpTaskRound(IReadOnlyDictionary<string, InputResponse> Answers, JsonElement? State, Action<string?> OnProgress);
