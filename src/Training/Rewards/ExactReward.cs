using System.Text.Json;
using AgentKit.Training.Data;

namespace AgentKit.Training.Rewards;

/// <summary>1 for the very text that is expected, blanks around it aside, and no tool call that was left open; else 0.</summary>
public sealed class ExactReward : Reward
{
    /// <inheritdoc/>
    public override string Name => "exact";

    /// <inheritdoc/>
    public override string? Fault(JsonElement expected) => expected.ValueKind == JsonValueKind.String ? null : "a text is expected";

    /// <inheritdoc/>
    public override ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken) =>
        new(answer.Calls.Count == answer.CarriedOut && answer.Content.Trim() == expected.GetString()!.Trim() ? 1 : 0);
}
