namespace AgentKit.Eval.Metrics;

/// <summary>How <see cref="BleuMetric"/> counts; the defaults are sacreBLEU's.</summary>
public sealed record BleuOptions
{
    /// <summary>How segments are cut into words.</summary>
    public BleuTokenizer Tokenizer { get; init; } = BleuTokenizer.Mteval13a;

    /// <summary>Whether case is ignored.</summary>
    public bool Lowercase { get; init; }

    /// <summary>What counts where nothing matches.</summary>
    public BleuSmoothing Smoothing { get; init; } = BleuSmoothing.Exponential;

    /// <summary>The number of <see cref="BleuSmoothing.Floor"/> or <see cref="BleuSmoothing.AddK"/>.</summary>
    /// <value>0 or more; default 0.1 for floor and 1 for add-k.</value>
    public double? SmoothingValue
    {
        get;
        init => field = value is null or >= 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(SmoothingValue), value, $"SmoothingValue is {value}; 0 or more is allowed.");
    }

    /// <summary>Most words of an n-gram.</summary>
    /// <value>1 to 16; default 4.</value>
    public int MaxOrder
    {
        get;
        init => field = value is >= 1 and <= 16 ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxOrder), value, $"MaxOrder is {value}; 1 to 16 is allowed.");
    } = 4;

    /// <summary>Whether n-grams longer than the text are left out of the mean; meant for single segments.</summary>
    public bool EffectiveOrder { get; init; }
}
