namespace AgentKit.Eval.Tasks.Code;

/// <summary>Limits of a program that a model wrote.</summary>
public sealed record CodeSandboxOptions
{
    /// <summary>How long it may take, by the clock and in CPU time.</summary>
    /// <value>1 second to 10 minutes; default 5 seconds.</value>
    public TimeSpan Time
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1)
            && value <= TimeSpan.FromMinutes(10) ? value : throw new ArgumentOutOfRangeException(nameof(Time), value, "1 s to 10 min");
    } = TimeSpan.FromSeconds(5);

    /// <summary>How much memory it may address, and how much it and all processes that it starts may take together.</summary>
    /// <value>64 MiB or more, in bytes; default 1 GiB.</value>
    public long MemoryBytes
    {
        get;
        init => field = value >= 64L << 20 ? value : throw new ArgumentOutOfRangeException(nameof(MemoryBytes), value, "64 MiB or more");
    } = 1L << 30;

    /// <summary>How many threads it and all processes that it starts may have together.</summary>
    /// <value>1 or more; default 64.</value>
    public int Threads
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Threads), value, "1 or more");
    } = 64;

    /// <summary>The interpreter.</summary>
    /// <value>A name on the path or a path; default <c>python3</c>.</value>
    public string Python { get; init; } = "python3";
}
