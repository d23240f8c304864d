using Microsoft.Extensions.AI;

namespace AgentKit.Models.Chat;

/// <summary>An assistant message taken apart.</summary>
/// <param name="Content">The answer; empty when there is none.</param>
/// <param name="Reasoning">The reasoning; empty when there is none.</param>
/// <param name="Calls">The tool calls, in order.</param>
/// <param name="Diagnostics">What looked like a call but was none; it is part of the content.</param>
public sealed record AssistantMessage(
    string Content, string Reasoning, IReadOnlyList<FunctionCallContent> Calls, IReadOnlyList<ParseDiagnostic> Diagnostics);
