using AgentKit.Kernel.Errors;

namespace AgentKit.Training.Runs;

/// <summary>When to stop because held-out data says that nothing becomes better; the best weights are then the run's result.</summary>
public sealed record EarlyStopOptions
{
    /// <summary>The measure that is to become smaller; all others are to become larger.</summary>
    private const string Loss = "loss";

    /// <value><c>loss</c>, which is to fall, or a metric of the objective, such as <c>accuracy</c> or <c>reward</c>, which is to rise. Default <c>loss</c>.</value>
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

    internal bool IsBetter(double value, double best) => Metric == Loss ? value < best : value > best;
}
