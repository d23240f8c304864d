using AgentKit.Eval.Statistics;

namespace AgentKit.Eval.Perplexity;

/// <summary>
/// How far a model's distributions are from those of a base model on the same text; typically a quantized one from the original.
/// </summary>
public sealed record DivergenceResult
{
    /// <summary>Mean Kullback–Leibler divergence of the model from the base, in nats per token.</summary>
    public required double Mean { get; init; }

    /// <summary>Its standard error.</summary>
    public required double StandardError { get; init; }

    /// <summary>A 95 % interval of the mean: ± 1.96 standard errors, not below 0, which no divergence is.</summary>
    public ConfidenceInterval Interval =>
        new(Math.Max(0, Mean - Proportion.Normal95 * StandardError), Mean + Proportion.Normal95 * StandardError);

    /// <summary>Divergence at percentiles over tokens: 0 (least), 1, 5, 10, 50, 90, 95, 99, 99.9, 100 (most).</summary>
    public required IReadOnlyDictionary<double, double> Percentiles { get; init; }

    /// <summary>Share of tokens where both find the same token most likely.</summary>
    public required double SameTop { get; init; }

    /// <summary>Root of the mean squared change of the right token's probability.</summary>
    public required double RootMeanSquareProbabilityChange { get; init; }

    /// <summary>Mean change of the right token's probability: below zero the model is worse than the base.</summary>
    public required double MeanProbabilityChange { get; init; }

    /// <summary>Perplexity of the model.</summary>
    public required double Perplexity { get; init; }

    /// <summary>Perplexity of the base.</summary>
    public required double BasePerplexity { get; init; }

    /// <summary>Tokens compared.</summary>
    public required int TokensScored { get; init; }

    /// <summary>Chunks read.</summary>
    public required int Chunks { get; init; }

    /// <summary>Tokens of a chunk.</summary>
    public required int ContextLength { get; init; }

    /// <summary>What another divergence must share to be comparable, but for text and base.</summary>
    public required string Signature { get; init; }
}
