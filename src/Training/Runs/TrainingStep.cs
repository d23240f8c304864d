namespace AgentKit.Training.Runs;

/// <summary>What one step of training was.</summary>
/// <param name="Step">From 1.</param>
/// <param name="Loss">Of the step's batch, before the step.</param>
/// <param name="LearningRate">Of the step.</param>
/// <param name="GradientNorm">Before clipping.</param>
/// <param name="BatchTokens">Tokens of the step.</param>
/// <param name="Tokens">Of all steps so far.</param>
/// <param name="TokensPerSecond">Of this step.</param>
/// <param name="EvalLoss">On the held-out data, after the step; <c>null</c> where it was not measured.</param>
public sealed record TrainingStep(
    int Step, double Loss, double LearningRate, double GradientNorm, long BatchTokens, long Tokens, double TokensPerSecond, double? EvalLoss = null)
{
    /// <value>What else the objective measured on the batch, by name.</value>
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }

    /// <value>The same on the held-out data, where it was measured.</value>
    public IReadOnlyDictionary<string, double>? EvalMetrics { get; init; }
}
