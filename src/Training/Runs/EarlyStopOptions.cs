using AgentKit.Kernel.Errors;
using AgentKit.Training.Rewards;

namespace AgentKit.Training.Runs;

/// <summary>When to stop because held-out data says that nothing becomes better; the best weights are then the run's result.</summary>
public sealed record EarlyStopOptions
{
    private const string Loss = "loss";

    /// <summary>What is to become smaller; all else is to become larger.</summary>
    private static readonly string[] Falling =
        [Loss, "kl", "nll", "value_loss", "reward_rejected", "reward_undesirable", "tool_failures"];

    /// <value>
    /// <c>loss</c> or a metric of the objective, such as <c>accuracy</c> or <c>reward</c>. The loss, <c>kl</c>, <c>nll</c>, <c>value_loss</c>, <c>reward_rejected</c>,
    /// <c>reward_undesirable</c>, <c>tool_failures</c> and <c>…_unjudged</c> are to fall, all else is to rise. Default <c>loss</c>.
    /// </value>
    public string Metric { get; init; } = Loss;

    /// <value>Measurements in a row without a gain until it stops; 1 or more. Default 3.</value>
    public int Patience
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Patience), value, "1 or more");
    } = 3;

    /// <exception cref="UserInputException">Nothing of this name is measured.</exception>
    internal double Of(Measurement held)
    {
        if (Metric == Loss && held.Loss is { } loss) return loss;
        if (held.Metrics.TryGetValue(Metric, out double value)) return value;
        IEnumerable<string> known = held.Loss is null ? held.Metrics.Keys : held.Metrics.Keys.Prepend(Loss);
        throw new UserInputException("early_stop_metric", $"early_stop_metric is \"{Metric}\"; measured here: {string.Join(", ", known)}.");
    }

    internal bool IsBetter(double value, double best) =>
        Falling.Contains(Metric) || Metric.EndsWith(RewardSet.Unjudged, StringComparison.Ordinal) ? value < best : value > best;
}
