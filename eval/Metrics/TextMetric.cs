namespace AgentKit.Eval.Metrics;

/// <summary>
/// Scores generated segments against references. A segment gives statistics, those of a corpus are their sum, and the score is a function
/// of the sum; so resampled corpora cost additions only. Metrics are immutable and safe for concurrent use.
/// </summary>
public abstract class TextMetric
{
    /// <summary>The name in reports: <c>BLEU</c>, <c>chrF2</c>, …</summary>
    public abstract string Name { get; }

    /// <summary>Whether more is better; not so for error rates.</summary>
    public virtual bool HigherIsBetter => true;

    /// <summary>The statistics of one segment, always of the same length.</summary>
    /// <param name="hypothesis">What was generated.</param>
    /// <param name="references">What it is held against, one or more.</param>
    public abstract double[] Statistics(string hypothesis, IReadOnlyList<string> references);

    /// <summary>The score of summed statistics.</summary>
    public abstract double Score(ReadOnlySpan<double> statistics);

    /// <summary>How a score came about, in one line; empty when there is nothing to add to the score.</summary>
    public virtual string Explain(ReadOnlySpan<double> statistics) => "";

    /// <summary>All that two scores must share to be comparable, as <c>key:value</c> joined by bars.</summary>
    /// <param name="references">References per segment: a number, or <c>var</c> when it differs.</param>
    public abstract string Signature(string references);
}
