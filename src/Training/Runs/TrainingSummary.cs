namespace AgentKit.Training.Runs;

/// <summary>What a run of training came to.</summary>
/// <param name="Steps">Steps taken, those before a resume included.</param>
/// <param name="Tokens">Tokens computed in them.</param>
/// <param name="LossFirst">Of the first step.</param>
/// <param name="LossLast">Of the last step.</param>
/// <param name="EvalLossFirst">On the held-out data before the first step, where there is such data.</param>
/// <param name="EvalLossLast">On the held-out data after the last step.</param>
public sealed record TrainingSummary(int Steps, long Tokens, double LossFirst, double LossLast, double? EvalLossFirst, double? EvalLossLast);
