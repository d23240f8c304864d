using AgentKit.Training.Data;
using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>What every run that trains an adapter is told: on which model, from which data.</summary>
public abstract record RunOptions : RunSettings
{
    /// <value>The GGUF file to train an adapter for.</value>
    public required string Model { get; init; }

    /// <value>The rows to learn from, in a shape <see cref="DataFile"/> reads for this kind of training.</value>
    public required string Data { get; init; }

    /// <value>Rows of the same shape to measure with; <c>null</c> for none.</value>
    public string? EvalData { get; init; }

    /// <value>Other files to learn from beside <see cref="Data"/>; none by default. <c>train grpo</c> and <c>train ppo</c> know no mixtures.</value>
    public IReadOnlyList<MixedData> Mix { get; init; } = [];

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

    /// <summary>The same with the contents of this kind's other files instead of their paths, so that a moved file is no other run.</summary>
    internal virtual RunOptions WithContents(CancellationToken stop) => this;

    /// <summary>What this kind of training adds to a run.</summary>
    internal abstract Recipe CreateRecipe();
}
