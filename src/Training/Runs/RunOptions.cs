using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Optimization;

namespace AgentKit.Training.Runs;

/// <summary>What every run of training is told: on which model, from which data, for how long.</summary>
public abstract record RunOptions
{
    /// <value>The GGUF file to train an adapter for.</value>
    public required string Model { get; init; }

    /// <value>The rows to learn from, in a shape <see cref="DataFile"/> reads for this kind of training.</value>
    public required string Data { get; init; }

    /// <value>Rows of the same shape to measure with; <c>null</c> for none.</value>
    public string? EvalData { get; init; }

    /// <value>Other files to learn from beside <see cref="Data"/>; none by default. <c>train grpo</c> knows no mixtures.</value>
    public IReadOnlyList<MixedData> Mix { get; init; } = [];

    /// <value>The run's folder.</value>
    public required string Out { get; init; }

    /// <value>An adapter to go on from; <c>null</c> for a new one. Its shape then counts, and <see cref="Lora"/> does not.</value>
    public string? Adapter { get; init; }

    /// <value>The shape of a new adapter.</value>
    public LoraOptions Lora { get; init; } = new();

    /// <value>Most tokens of a row; <c>null</c>: the model's context. 2 or more.</value>
    public int? MaxLength
    {
        get;
        init => field = value is null or >= 2 ? value : throw new ArgumentOutOfRangeException(nameof(MaxLength), value, "2 or more");
    }

    /// <value>What becomes of longer rows. Default: they are refused.</value>
    public LongRows LongRows { get; init; }

    /// <value>Whether rows that cannot be used are left out, and named, instead of refused. Default <c>false</c>.</value>
    public bool SkipBadRows { get; init; }

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
    public double MaxGradientNorm { get; init; } = 1;

    /// <value>Steps between checkpoints; 1 or more. Default 50.</value>
    public int CheckpointEvery { get; init; } = 50;

    /// <value>Steps between measurements on the evaluation data; 0 for before the first and after the last step only.</value>
    public int EvalEvery { get; init; }

    /// <value>Decay of a running mean of the weights, which is then what is written; above 0 and below 1. Default <c>null</c>: the last weights are written.</value>
    public double? AverageDecay
    {
        get;
        init => field = value is null or (> 0 and < 1) ? value : throw new ArgumentOutOfRangeException(nameof(AverageDecay), value, "above 0 and below 1");
    }

    /// <value>When to stop before the last step; <c>null</c>, the default, for never. It needs <see cref="EvalData"/> and <see cref="EvalEvery"/>.</value>
    public EarlyStopOptions? EarlyStop { get; init; }

    /// <value>Of the adapter's first weights and the order of rows. Default 0.</value>
    public int Seed { get; init; }

    /// <value>Whether the first GPU computes. Default <c>false</c>: the CPU does.</value>
    public bool Gpu { get; init; }

    /// <value>Threads; <c>null</c>: as many as this process has CPUs.</value>
    public int? Threads { get; init; }

    /// <summary>Steps of the whole run.</summary>
    internal int StepsOf(int stepsPerEpoch) => Math.Min(MaxSteps ?? int.MaxValue, checked(Epochs * stepsPerEpoch));

    /// <summary>What this kind of training adds to a run.</summary>
    internal abstract Recipe CreateRecipe();
}
