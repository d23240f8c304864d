using System.Text.Json;
using AgentKit.Training.Data;

namespace AgentKit.Training.Rewards;

/// <summary>The share of the expected calls whose tool was called, whatever the arguments; calls beyond the expected ones count against it.</summary>
public sealed class ToolNameReward : Reward
{
    /// <inheritdoc/>
    public override string Name => "tool_names";

    /// <inheritdoc/>
    public override string Field => "tool_calls";

    /// <inheritdoc/>
    public override string? Fault(JsonElement expected) => ExpectedCall.Fault(expected);

    /// <inheritdoc/>
    public override ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken)
    {
        IReadOnlyList<ExpectedCall> calls = ExpectedCall.Read(expected);
        int most = Math.Max(calls.Count, answer.Calls.Count);
        int right = calls.Zip(answer.Calls).Count(pair => pair.First.Name == pair.Second.Name);
        return new(most == 0 ? 1 : (double)right / most);
    }
}
