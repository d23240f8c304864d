namespace AgentKit.Eval.Statistics;

/// <summary>Two systems on the same samples.</summary>
/// <param name="Difference">Score of the system less that of the baseline.</param>
/// <param name="PValue">How often chance alone would bring a difference as large, in either direction.</param>
/// <param name="Interval">Of the difference, 95 %.</param>
public sealed record PairedResult(double Difference, double PValue, ConfidenceInterval Interval);
