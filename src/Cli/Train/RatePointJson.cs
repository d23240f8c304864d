namespace AgentKit.Cli.Train;

/// <summary>One step of a learning rate test.</summary>
internal sealed record RatePointJson(double LearningRate, double Loss, double Smoothed);
