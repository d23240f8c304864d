namespace AgentKit.Agents.Judge;

/// <summary>How a judge is asked.</summary>
public sealed record JudgeOptions
{
    /// <summary>What makes an answer good, in the judge's instructions.</summary>
    /// <value>Default: following the instruction, correctness, and not length or order.</value>
    public string Criteria { get; init; } =
        "Judge how well an answer carries out the instruction: whether it does what was asked, is correct and leaves out nothing needed. "
        + "Do not be swayed by the order of the answers, by their length or by how well they sound.";

    /// <summary>Whether two answers may be equally good.</summary>
    /// <value>Default: yes.</value>
    public bool AllowTie { get; init; } = true;

    /// <summary>Whether the judge explains itself before the verdict: better on questions of reasoning, many times slower.</summary>
    /// <value>Default: no.</value>
    public bool Explain { get; init; }

    /// <summary>The lowest point of a rubric.</summary>
    /// <value>0 to 9; default 1.</value>
    public int LeastPoint
    {
        get;
        init => field = value is >= 0 and <= 9 ? value : throw new ArgumentOutOfRangeException(nameof(LeastPoint), value, "0 to 9");
    } = 1;

    /// <summary>The highest point of a rubric: one digit, so that it is one token.</summary>
    /// <value>1 to 9; default 5.</value>
    public int MostPoint
    {
        get;
        init => field = value is >= 1 and <= 9 ? value : throw new ArgumentOutOfRangeException(nameof(MostPoint), value, "1 to 9");
    } = 5;

    /// <summary>Most tokens of the judge's text.</summary>
    /// <value>1 or more; default: 16 without explanation, 1,024 with one.</value>
    public int? MaxTokens
    {
        get;
        init => field = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxTokens), value, "1 or more");
    }

    /// <summary>Seed of the sampling. The temperature is 0, but not every server is deterministic then.</summary>
    public long Seed { get; init; } = 1234;
}
