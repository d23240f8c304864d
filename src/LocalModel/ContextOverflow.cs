using Microsoft.Extensions.AI;

namespace AgentKit.Models;

/// <summary>A conversation that does not fit.</summary>
/// <param name="Messages">Its messages.</param>
/// <param name="PromptTokens">Tokens they take.</param>
/// <param name="MostTokens">Tokens they may take.</param>
public sealed record ContextOverflow(IReadOnlyList<ChatMessage> Messages, int PromptTokens, int MostTokens);
