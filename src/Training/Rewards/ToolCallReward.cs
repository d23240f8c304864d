using System.Text.Json;
using AgentKit.Training.Data;

namespace AgentKit.Training.Rewards;

/// <summary>1 where the calls are the expected ones, all of them, in order, with all arguments; else 0. An empty list asks for an answer without a call.</summary>
public sealed class ToolCallReward : Reward
{
    /// <inheritdoc/>
    public override string Name => "tool_calls";

    /// <inheritdoc/>
    public override string? Fault(JsonElement expected) => ExpectedCall.Fault(expected);

    /// <inheritdoc/>
    public override ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken)
    {
        IReadOnlyList<ExpectedCall> calls = ExpectedCall.Read(expected);
        return new(calls.Count == answer.Calls.Count && calls.Zip(answer.Calls).All(pair => pair.First.Is(pair.Second)) ? 1 : 0);
    }
}
