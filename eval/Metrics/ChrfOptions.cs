namespace AgentKit.Eval.Metrics;

/// <summary>How <see cref="ChrfMetric"/> counts; the defaults are sacreBLEU's.</summary>
public sealed record ChrfOptions
{
    /// <summary>Most characters of a character n-gram.</summary>
    /// <value>1 to 32; default 6.</value>
    public int CharacterOrder
    {
        get;
        init => field = value is >= 1 and <= 32 ? value
            : throw new ArgumentOutOfRangeException(nameof(CharacterOrder), value, $"CharacterOrder is {value}; 1 to 32 is allowed.");
    } = 6;

    /// <summary>Most words of a word n-gram.</summary>
    /// <value>0 (chrF) to 16; default 0; 2 for chrF++.</value>
    public int WordOrder
    {
        get;
        init => field = value is >= 0 and <= 16 ? value
            : throw new ArgumentOutOfRangeException(nameof(WordOrder), value, $"WordOrder is {value}; 0 to 16 is allowed.");
    }

    /// <summary>How much more recall weighs than precision.</summary>
    /// <value>1 to 100; default 2.</value>
    public int Beta
    {
        get;
        init => field = value is >= 1 and <= 100 ? value
            : throw new ArgumentOutOfRangeException(nameof(Beta), value, $"Beta is {value}; 1 to 100 is allowed.");
    } = 2;

    /// <summary>Whether case is ignored.</summary>
    public bool Lowercase { get; init; }
}
