namespace AgentKit.Eval.Metrics;

/// <summary>What <see cref="RougeMetric"/> counts as a match.</summary>
public enum RougeVariant
{
    /// <summary>Words.</summary>
    Rouge1,

    /// <summary>Pairs of neighbouring words.</summary>
    Rouge2,

    /// <summary>The longest common subsequence of words.</summary>
    RougeL,
}
