using AgentKit.Eval.Statistics;

namespace AgentKit.Eval.Perplexity;

/// <summary>The perplexity of a text and what must be known to compare it.</summary>
public sealed record PerplexityResult
{
    /// <summary><c>chunks</c> or <c>rolling</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>exp of <see cref="MeanNegativeLogLikelihood"/>, per token of this model's vocabulary.</summary>
    public required double Perplexity { get; init; }

    /// <summary>
    /// Its standard error, from the spread over tokens as llama-perplexity has it; neighbouring tokens are not independent.
    /// </summary>
    public required double StandardError { get; init; }

    /// <summary>
    /// A 95 % interval of the perplexity: exp of the mean −ln p ± 1.96 of its standard errors, of which <see cref="StandardError"/> is the multiple
    /// by the perplexity. It knows as little as that of how neighbouring tokens depend on each other.
    /// </summary>
    public ConfidenceInterval Interval
    {
        get
        {
            double half = Proportion.Normal95 * StandardError / Perplexity;
            return new(Perplexity * Math.Exp(-half), Perplexity * Math.Exp(half));
        }
    }

    /// <summary>Mean of −ln p over the scored tokens, in nats.</summary>
    public required double MeanNegativeLogLikelihood { get; init; }

    /// <summary>Tokens of the text.</summary>
    public required int Tokens { get; init; }

    /// <summary>Tokens whose probability counts.</summary>
    public required int TokensScored { get; init; }

    /// <summary>Chunks or windows.</summary>
    public required int Chunks { get; init; }

    /// <summary>Tokens of a chunk or window.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Whether a begin token stood at the head of each chunk.</summary>
    public required bool Bos { get; init; }

    /// <summary>Rolling mode: exp of the text's −ln p for each word, counted as pieces between white space.</summary>
    public double? WordPerplexity { get; init; }

    /// <summary>Rolling mode: exp of the text's −ln p for each byte of UTF-8.</summary>
    public double? BytePerplexity { get; init; }

    /// <summary>Rolling mode: bits the model needs for each byte of UTF-8.</summary>
    public double? BitsPerByte { get; init; }

    /// <summary>
    /// What decoding windows together changed, over the first ones: mean −ln p together less alone, as a share of the latter. Absent where windows are
    /// decoded alone.
    /// </summary>
    public double? BatchingDifference { get; init; }

    /// <summary>The floors: n-gram models that learn from the text while they read it, on the same tokens.</summary>
    public IReadOnlyList<NGramPerplexity> Baselines { get; init; } = [];

    /// <summary>What another perplexity must share to be comparable, but for the text.</summary>
    public required string Signature { get; init; }
}
