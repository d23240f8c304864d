namespace AgentKit.Models;

/// <summary>How a model is opened. What is left <c>null</c> is chosen for the model and the machine and can be read from <see cref="LocalModel.Settings"/>.</summary>
public sealed record LocalModelOptions
{
    /// <summary>Most tokens of one conversation, prompt and answer together.</summary>
    /// <value>1 or more and at most what the model was trained for; default: that, or less if memory is short.</value>
    public int? ContextLength
    {
        get;
        init => field = value is null or > 0 ? value : throw OutOfRange(nameof(ContextLength), value, "1 or more");
    }

    /// <summary>Most requests that are decoded together.</summary>
    /// <value>1 to 128; default 8.</value>
    public int Parallel
    {
        get;
        init => field = value is >= 1 and <= 128 ? value : throw OutOfRange(nameof(Parallel), value, "1 to 128");
    } = 8;

    /// <summary>Threads of a decode call. More threads than free cores make decoding many times slower.</summary>
    /// <value>1 to 512, used as given; default: the CPUs this process may use, fewer while other work occupies them.</value>
    public int? Threads
    {
        get;
        init => field = value is null or (>= 1 and <= 512) ? value : throw OutOfRange(nameof(Threads), value, "1 to 512");
    }

    /// <summary>Model layers kept on GPUs.</summary>
    /// <value>0 or more; default: as many as fit, none without a GPU.</value>
    public int? GpuLayers
    {
        get;
        init => field = value is null or >= 0 ? value : throw OutOfRange(nameof(GpuLayers), value, "0 or more");
    }

    /// <summary>
    /// Whether the expert matrices of a mixture stay in main memory and on the CPU, so that the rest of more layers fits on a GPU.
    /// <see cref="Fitting.ModelFit"/> says how many. Without experts or a GPU it changes nothing.
    /// </summary>
    public bool ExpertsInMainMemory { get; init; }

    /// <summary>Most tokens of one decode call; prompts are cut into pieces of this size.</summary>
    /// <value>32 to 8,192; default 512.</value>
    public int BatchSize
    {
        get;
        init => field = value is >= 32 and <= 8192 ? value : throw OutOfRange(nameof(BatchSize), value, "32 to 8,192");
    } = 512;

    /// <summary>How keys and values are stored.</summary>
    /// <value>Default: <see cref="KvType.F16"/>.</value>
    public KvType KvType { get; init; }

    /// <summary>Main memory for the KV of earlier prompts whose cells others needed, so that they need not be computed again. Not taken in advance.</summary>
    /// <value>0 (none) or more, in bytes; default: an eighth of the free memory, at most 2 GiB.</value>
    public long? PromptCacheBytes
    {
        get;
        init => field = value is null or >= 0 ? value : throw OutOfRange(nameof(PromptCacheBytes), value, "0 or more");
    }

    /// <summary>Most requests that wait; more are refused with <see cref="ModelBusyException"/>.</summary>
    /// <value>1 or more; default 1,000.</value>
    public int QueueLimit
    {
        get;
        init => field = value is >= 1 and <= 1_000_000 ? value : throw OutOfRange(nameof(QueueLimit), value, "1 to 1,000,000");
    } = 1000;

    /// <summary>Guess several tokens ahead and check them in one pass. The text stays what it would be; it comes sooner where guesses are right.</summary>
    /// <value>Default: <see cref="Speculation.None"/>.</value>
    public Speculation Speculation { get; init; }

    /// <summary>A small model with the same vocabulary that guesses, for <see cref="Speculation.DraftModel"/>.</summary>
    /// <value>A GGUF file; default: none.</value>
    public string? DraftModel { get; init; }

    private static ArgumentOutOfRangeException OutOfRange(string name, object? value, string allowed) =>
        new(name, value, $"{name} is {value}; allowed is {allowed}.");
}
