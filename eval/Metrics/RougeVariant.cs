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

    /// <summary>
    /// The same for summaries: sentences stand on lines of their own, or have <c>&lt;n&gt;</c> between them, and matches of different
    /// sentences may cross.
    /// </summary>
    RougeLsum,
}
