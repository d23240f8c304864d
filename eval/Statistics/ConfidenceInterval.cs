namespace AgentKit.Eval.Statistics;

/// <summary>A range that holds the true value in 95 of 100 repetitions, unless another share is named.</summary>
/// <param name="Lower">Its lower end.</param>
/// <param name="Upper">Its upper end.</param>
public readonly record struct ConfidenceInterval(double Lower, double Upper);
