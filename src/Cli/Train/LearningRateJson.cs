namespace AgentKit.Cli.Train;

/// <summary>The document of <c>train pretrain --find-learning-rate</c>.</summary>
internal sealed record LearningRateJson(double LearningRate, double LowestAt, bool Diverged, IReadOnlyList<RatePointJson> Points);
