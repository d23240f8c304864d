using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>A tool call that is to become a task. Its arguments fit the tool's schema.</summary>
/// <param name="Arguments">The arguments.</param>
/// <param name="User">Who called; <c>null</c> where nobody signs in.</param>
/// <param name="Answers">What was answered before it became a task, by key.</param>
/// <param name="RunAsync">Does the work once; to be called again with the answers when it asked something.</param>
public sealed record McpTaskStart(
    IReadOnlyDictionary<string, JsonElement> Arguments,
    string? User,
    IReadOnlyDictionary<string, InputResponse> Answers,
    Func<McpTaskRound, CancellationToken, ValueTask<CallToolResult>> RunAsync);
