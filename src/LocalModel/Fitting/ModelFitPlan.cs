namespace AgentKit.Models.Fitting;

/// <summary>How a model fits into memory: what was chosen, what it takes, and why. All sizes in bytes.</summary>
public sealed record ModelFitPlan
{
    /// <summary>Whether the model fits at all; if not, the plan is the smallest there is.</summary>
    public required bool Fits { get; init; }

    /// <summary>Tokens of one conversation.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Full conversations that fit at once.</summary>
    public required int Parallel { get; init; }

    /// <summary>KV cells for all conversations together, a multiple of 256.</summary>
    public required long KvCells { get; init; }

    /// <summary>How keys and values are stored.</summary>
    public required KvType KvType { get; init; }

    /// <summary>Blocks of the model, and one more for its output, as llama.cpp counts layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Layers that fit on the GPUs found.</summary>
    public required int GpuLayers { get; init; }

    /// <summary>Layers that would fit on the GPUs if the expert matrices of all layers stayed in main memory; null for models without experts.</summary>
    public int? GpuLayersWithoutExperts { get; init; }

    /// <summary>Main memory that was planned for.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Memory of all GPUs that was planned for: what is free, less 1 GiB each.</summary>
    public required long GpuMemoryBytes { get; init; }

    /// <summary>The tensors.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Expert matrices among the tensors.</summary>
    public required long ExpertBytes { get; init; }

    /// <summary>Keys and values.</summary>
    public required long KvBytes { get; init; }

    /// <summary>Keys and values if windowed layers kept their window only; equal to <see cref="KvBytes"/> without such layers.</summary>
    public required long WindowedKvBytes { get; init; }

    /// <summary>State of recurrent layers.</summary>
    public required long RecurrentBytes { get; init; }

    /// <summary>Intermediate results; estimated, or measured after a dry run.</summary>
    public required long ComputeBytes { get; init; }

    /// <summary>Logits.</summary>
    public required long OutputBytes { get; init; }

    /// <summary>Share of all that on GPUs.</summary>
    public required long GpuBytes { get; init; }

    /// <summary>What was chosen and why, in order.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>What llama.cpp said in a dry run; null when none was made.</summary>
    public MeasuredMemory? Measured { get; init; }

    /// <summary>Everything together.</summary>
    public long NeededBytes => WeightBytes + KvBytes + RecurrentBytes + ComputeBytes + OutputBytes;

    /// <summary>Share in main memory.</summary>
    public long MainBytes => NeededBytes - GpuBytes;

    /// <summary>Whether the arithmetic and the dry run agree on KV cache, state and output, to the digits the log has; null without a dry run.</summary>
    public bool? Agrees => Measured is null ? null
        : Near(KvBytes, Measured.KvBytes) && Near(RecurrentBytes, Measured.RecurrentBytes) && Near(OutputBytes, Measured.OutputBytes);

    private static bool Near(long computed, long logged) => Math.Abs(computed - logged) <= 2 * (1 << 20) / 100;
}
