namespace AgentKit.Training.Optimization;

/// <summary>What a learning rate test found.</summary>
/// <param name="Points">All steps.</param>
/// <param name="Lowest">The rate at which the smoothed loss was lowest; larger ones make it worse.</param>
/// <param name="Suggested">A tenth of it, where the loss still fell: a largest rate to begin with.</param>
/// <param name="Diverged">Whether the loss rose far above its lowest; otherwise even the largest rate was not too large.</param>
public sealed record LearningRateTest(IReadOnlyList<LearningRatePoint> Points, double Lowest, double Suggested, bool Diverged);
