using Microsoft.Extensions.AI;

namespace AgentKit.Training.Rewards;

/// <summary>What a model wrote, taken apart.</summary>
/// <param name="Text">All of it, as written.</param>
/// <param name="Content">The answer proper; empty when there is none.</param>
/// <param name="Calls">The tool calls, in order.</param>
/// <param name="Tokens">Its length, the end of the turn included.</param>
/// <param name="Ended">Whether the model ended its turn itself; else the limit of tokens did.</param>
public sealed record Answer(string Text, string Content, IReadOnlyList<FunctionCallContent> Calls, int Tokens, bool Ended);
