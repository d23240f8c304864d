namespace AgentKit.Training.Optimization;

/// <summary>One step of a learning rate test.</summary>
/// <param name="LearningRate">The rate.</param>
/// <param name="Loss">The batch's loss before the step.</param>
/// <param name="Smoothed">Running mean of the losses so far.</param>
public sealed record LearningRatePoint(double LearningRate, double Loss, double Smoothed);
