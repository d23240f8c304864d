using AgentKit.Training.Optimization;

namespace AgentKit.Training.Runs;

/// <summary>Settings of <see cref="TrainingLoop"/>.</summary>
public sealed record TrainingLoopOptions
{
    /// <value>Steps of the whole run and their learning rates.</value>
    public required LearningRateSchedule Schedule { get; init; }

    /// <value>The optimizer's settings.</value>
    public AdamWOptions Optimizer { get; init; } = new();

    /// <value>Longer gradients are scaled down to this; above 0. Default 1.</value>
    public double MaxGradientNorm
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(MaxGradientNorm), value, "above 0");
    } = 1;

    /// <value>Steps between checkpoints; 1 or more. Default 50.</value>
    public int CheckpointEvery
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(CheckpointEvery), value, "1 or more");
    } = 50;

    /// <value>Steps between measurements on the held-out data; 0, the default, for before the first and after the last step only.</value>
    public int EvalEvery
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(EvalEvery), value, "0 or more");
    }

    /// <value>Decay of a running mean of the weights, which is then the result (Polyak and Juditsky 1992); above 0 and below 1. Default <c>null</c>: the last weights are.</value>
    public double? AverageDecay
    {
        get;
        init => field = value is null or (> 0 and < 1) ? value : throw new ArgumentOutOfRangeException(nameof(AverageDecay), value, "above 0 and below 1");
    }

    /// <value>When to stop before the last step; <c>null</c>, the default, for never.</value>
    public EarlyStopOptions? EarlyStop { get; init; }
}
