namespace AgentKit.Models.Fitting;

/// <summary>What a model is to be fitted to.</summary>
public sealed record ModelFitOptions
{
    /// <summary>Tokens of one conversation that must fit.</summary>
    /// <value>1 or more; default: what the model was trained for, at most 16,384, and less if memory is short.</value>
    public int? ContextLength
    {
        get;
        init => field = value is null or > 0 ? value : throw new ArgumentOutOfRangeException(nameof(ContextLength), value, "1 or more");
    }

    /// <summary>Conversations that are wanted at once; fewer are chosen if memory is short.</summary>
    /// <value>1 to 128; default 8.</value>
    public int Parallel
    {
        get;
        init => field = value is >= 1 and <= 128 ? value : throw new ArgumentOutOfRangeException(nameof(Parallel), value, "1 to 128");
    } = 8;

    /// <summary>Main memory to plan for, in bytes.</summary>
    /// <value>More than 0; default: nine tenths of what is free now.</value>
    public long? MemoryBytes
    {
        get;
        init => field = value is null or > 0 ? value : throw new ArgumentOutOfRangeException(nameof(MemoryBytes), value, "more than 0");
    }

    /// <summary>Most tokens of one decode call.</summary>
    /// <value>32 to 8,192; default 512.</value>
    public int BatchSize
    {
        get;
        init => field = value is >= 32 and <= 8192 ? value : throw new ArgumentOutOfRangeException(nameof(BatchSize), value, "32 to 8,192");
    } = 512;
}
