namespace AgentKit.Tools.BuiltIn.Databases;

/// <summary>Which SQLite database the <c>query_database</c> tool may read.</summary>
public sealed record DatabaseOptions
{
    /// <summary>The database file.</summary>
    public required string Path { get; init; }

    /// <summary>Most rows of a result; further ones are announced. 1 to 100,000.</summary>
    /// <value>100</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxRows
    {
        get;
        init => field = value is >= 1 and <= 100_000 ? value : throw new ArgumentOutOfRangeException(nameof(MaxRows), value, "1 to 100,000");
    } = 100;

    /// <summary>Most characters of a result; rows that do not fit are announced. 1,000 to 16 million.</summary>
    /// <value>64,000</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxCharacters
    {
        get;
        init => field = value is >= 1000 and <= 16_000_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxCharacters), value, "1,000 to 16 million");
    } = 64_000;

    /// <summary>How long a query may take. 100 milliseconds to 10 minutes.</summary>
    /// <value>10 seconds</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan Timeout
    {
        get;
        init => field = value >= TimeSpan.FromMilliseconds(100) && value <= TimeSpan.FromMinutes(10)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Timeout), value, "100 milliseconds to 10 minutes");
    } = TimeSpan.FromSeconds(10);
}
