namespace AgentKit.Eval.Perplexity;

/// <summary>How a text is cut and what is computed beside its perplexity.</summary>
public sealed record PerplexityOptions
{
    /// <summary>Tokens of a chunk or window.</summary>
    /// <value>4 or more; default 512, or the model's context if that is less.</value>
    public int? ContextLength
    {
        get;
        init => field = value is null or >= 4 ? value
            : throw new ArgumentOutOfRangeException(nameof(ContextLength), value, $"ContextLength is {value}; 4 or more is allowed.");
    }

    /// <summary>Words of the n-grams whose perplexity is computed for comparison.</summary>
    /// <value>0 (none) to 8; default 3.</value>
    public int NGramOrder
    {
        get;
        init => field = value is >= 0 and <= 8 ? value
            : throw new ArgumentOutOfRangeException(nameof(NGramOrder), value, $"NGramOrder is {value}; 0 to 8 is allowed.");
    } = 3;
}
