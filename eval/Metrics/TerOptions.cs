namespace AgentKit.Eval.Metrics;

/// <summary>How <see cref="TerMetric"/> prepares the text; the defaults are sacreBLEU's.</summary>
public sealed record TerOptions
{
    /// <summary>Whether punctuation is set off from words.</summary>
    public bool Normalized { get; init; }

    /// <summary>Whether punctuation is removed.</summary>
    public bool NoPunctuation { get; init; }

    /// <summary>
    /// Whether Chinese and Japanese characters are words of their own when <see cref="Normalized"/>, and their punctuation counts as such.
    /// </summary>
    public bool AsianSupport { get; init; }

    /// <summary>Whether case counts.</summary>
    public bool CaseSensitive { get; init; }
}
