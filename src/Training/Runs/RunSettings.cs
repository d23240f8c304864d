using System.Text.Json.Serialization;
using AgentKit.Training.Engine;
using AgentKit.Training.Optimization;

namespace AgentKit.Training.Runs;

/// <summary>What every run of training is told: where it keeps its files, for how long it learns and how fast.</summary>
public abstract record RunSettings
{
    /// <value>The run's folder.</value>
    public required string Out { get; init; }

    /// <value>How often every row is seen; 1 or more. Default 1.</value>
    public int Epochs
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Epochs), value, "1 or more");
    } = 1;

    /// <value>Steps at most; <c>null</c>: as many as the epochs have. 1 or more.</value>
    public int? MaxSteps
    {
        get;
        init => field = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxSteps), value, "1 or more");
    }

    /// <value>Rows a step; 1 or more. Default 16.</value>
    public int BatchSize
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(BatchSize), value, "1 or more");
    } = 16;

    /// <value>Most tokens computed at once; a batch with more is accumulated. 16 or more. Default 1024.</value>
    public int PackTokens
    {
        get;
        init => field = value >= 16 ? value : throw new ArgumentOutOfRangeException(nameof(PackTokens), value, "16 or more");
    } = 1024;

    /// <value>The largest learning rate; above 0. Default 2e-4.</value>
    public double LearningRate
    {
        get;
        init => field = double.IsFinite(value) && value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(LearningRate), value, "above 0");
    } = 2e-4;

    /// <value>How it changes. Default <see cref="ScheduleKind.Cosine"/>.</value>
    public ScheduleKind Schedule { get; init; }

    /// <value>Steps until it is reached; 0 or more. Default 10, at most a tenth of the run.</value>
    public int WarmupSteps
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(WarmupSteps), value, "0 or more");
    } = 10;

    /// <value>The last step's learning rate as a share of the largest; 0 to 1. Default 0.1.</value>
    public double LeastLearningRateRatio
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(LeastLearningRateRatio), value, "0 to 1");
    } = 0.1;

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

    /// <value>Steps between measurements on the evaluation data; 0 for before the first and after the last step only.</value>
    public int EvalEvery
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(EvalEvery), value, "0 or more");
    }

    /// <value>Decay of a running mean of the weights, which is then what is written; above 0 and below 1. Default <c>null</c>: the last weights are written.</value>
    public double? AverageDecay
    {
        get;
        init => field = value is null or (> 0 and < 1) ? value : throw new ArgumentOutOfRangeException(nameof(AverageDecay), value, "above 0 and below 1");
    }

    /// <value>When to stop before the last step; <c>null</c>, the default, for never. It needs held-out data and <see cref="EvalEvery"/>.</value>
    public EarlyStopOptions? EarlyStop { get; init; }

    /// <value>Of the adapter's first weights and the order of rows. Default 0.</value>
    public int Seed { get; init; }

    /// <value>Whether the first GPU computes. Default <c>false</c>: the CPU does.</value>
    public bool Gpu { get; init; }

    /// <value>Threads, 1 to 512; <c>null</c>: as many as this process has CPUs.</value>
    public int? Threads
    {
        get;
        init => field = value is null or (>= 1 and <= 512) ? value : throw new ArgumentOutOfRangeException(nameof(Threads), value, "1 to 512");
    }

    /// <value>As <see cref="EngineOptions.Products"/>. A run goes on with what it was begun with. Default <see cref="ProductPath.Auto"/>.</value>
    public ProductPath Products { get; init; }

    /// <value>As <see cref="Engine.EngineOptions.KeptBytes"/>; the result does not depend on it. Default 1 GiB.</value>
    [JsonIgnore]
    public long KeptBytes
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(KeptBytes), value, "0 or more");
    } = 1L << 30;

    /// <value>As <see cref="Engine.EngineOptions.AttentionBytes"/>; the last bits of the result depend on it. Default 32 MiB.</value>
    public long AttentionBytes
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(AttentionBytes), value, "above 0");
    } = 1L << 25;

    /// <summary>Steps of the whole run.</summary>
    /// <param name="stepsPerEpoch">Steps in which everything is seen once.</param>
    internal int StepsOf(int stepsPerEpoch) => (int)Math.Min(MaxSteps ?? int.MaxValue, (long)Epochs * stepsPerEpoch);

    /// <summary>The loop's settings.</summary>
    /// <param name="stepsPerEpoch">Steps in which everything is seen once.</param>
    internal TrainingLoopOptions LoopOptions(int stepsPerEpoch)
    {
        int steps = StepsOf(stepsPerEpoch);
        return new()
        {
            Schedule = new(LearningRate, steps, Math.Min(WarmupSteps, steps / 10), Schedule, LeastLearningRateRatio),
            Optimizer = Optimizer,
            MaxGradientNorm = MaxGradientNorm,
            CheckpointEvery = CheckpointEvery,
            EvalEvery = EvalEvery,
            AverageDecay = AverageDecay,
            EarlyStop = EarlyStop,
        };
    }
}
