namespace AgentKit.Memory.Knowledge;

/// <summary>What a search returns.</summary>
public sealed record SearchOptions
{
    /// <summary>Most hits.</summary>
    /// <value>1 to 1,000.</value>
    public int Count
    {
        get;
        init => field = value is >= 1 and <= 1000 ? value : throw new ArgumentOutOfRangeException(nameof(Count), value, "1..1000");
    } = 10;

    /// <summary>Only the best chunk of each document.</summary>
    public bool OnePerDocument { get; init; }
}
