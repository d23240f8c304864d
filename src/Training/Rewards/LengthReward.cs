using System.Text.Json;
using AgentKit.Training.Data;

namespace AgentKit.Training.Rewards;

/// <summary>
/// 0 for answers that end within a limit, then down to −1 over a further stretch, −1 for those that do not end (Yu et al. 2025, DAPO, equation 13: soft overlong punishment).
/// </summary>
/// <param name="limit">Tokens that cost nothing, 1 or more.</param>
/// <param name="stretch">Tokens from there to the full punishment, 1 or more.</param>
public sealed class LengthReward(int limit, int stretch) : Reward
{
    /// <inheritdoc/>
    public override string Name => "length";

    /// <inheritdoc/>
    public override string? Field => null;

    /// <inheritdoc/>
    public override string Settings => $"limit {limit}, stretch {stretch}";

    /// <inheritdoc/>
    public override ValueTask<double> JudgeAsync(Conversation prompt, JsonElement expected, Answer answer, CancellationToken cancellationToken) =>
        new(answer.Ended ? -Math.Clamp((answer.Tokens - limit) / (double)stretch, 0, 1) : -1);
}
