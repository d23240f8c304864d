using Microsoft.Extensions.AI;

namespace AgentKit.Training.Rewards;

/// <summary>What a model wrote, taken apart.</summary>
/// <param name="Text">All of it, as written. Where tools were carried out it holds, between the model's turns, their results as the model read them.</param>
/// <param name="Content">The answer proper, of the last turn; empty when there is none.</param>
/// <param name="Calls">The tool calls, in order.</param>
/// <param name="Tokens">How many the model wrote, the ends of its turns included.</param>
/// <param name="Ended">Whether the model ended its turn itself; else the limit of tokens did.</param>
public sealed record Answer(string Text, string Content, IReadOnlyList<FunctionCallContent> Calls, int Tokens, bool Ended)
{
    /// <value>How many of the calls, from the first, were carried out; a further one ended the answer. Default 0.</value>
    public int CarriedOut { get; init; }

    /// <value>How many of these ended in a crash of their tool. Default 0.</value>
    public int ToolFailures { get; init; }

    /// <value>The messages behind the prompt, in order: what the model wrote and, between that, what tools returned.</value>
    public IReadOnlyList<ChatMessage> Messages { get; init; } = [];
}
