namespace AgentKit.Training.Runs;

/// <summary>What a run of training came to.</summary>
/// <param name="Steps">Steps taken, those before a resume included.</param>
/// <param name="Tokens">Tokens computed in them.</param>
/// <param name="LossFirst">Of the first step.</param>
/// <param name="LossLast">Of the last step.</param>
/// <param name="EvalLossFirst">On the held-out data before the first step, where there is such data.</param>
/// <param name="EvalLossLast">On the held-out data after the last step.</param>
public sealed record TrainingSummary(int Steps, long Tokens, double LossFirst, double LossLast, double? EvalLossFirst, double? EvalLossLast)
{
    /// <value>
    /// What else the objective measured, by name: <c>name_first</c> and <c>name_last</c> of the first and last step, with <c>eval_</c> before them on held-out data.
    /// </value>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <value>The best value of the measure that stops early; <c>null</c> where none does.</value>
    public double? BestEval { get; init; }

    /// <value>The step after which it was measured.</value>
    public int? BestStep { get; init; }

    /// <value>Measurements since then.</value>
    public int EvalsSinceBest { get; init; }

    /// <value>Whether the run ended because of it.</value>
    public bool StoppedEarly { get; init; }

    internal TrainingSummary WithMetrics(string prefix, IReadOnlyDictionary<string, double>? metrics, bool first)
    {
        if (metrics is null || metrics.Count == 0) return this;
        SortedDictionary<string, double> all = new(StringComparer.Ordinal);
        foreach ((string name, double value) in Metrics) all[name] = value;
        foreach ((string name, double value) in metrics)
        {
            all.TryAdd($"{prefix}{name}_first", value);
            if (!first) all[$"{prefix}{name}_last"] = value;
        }

        return this with { Metrics = all };
    }
}
