namespace AgentKit.Eval.Metrics;

/// <summary>What counts where a corpus or segment has no match of some length (Chen and Cherry 2014).</summary>
public enum BleuSmoothing
{
    /// <summary>Method 3: the n-th zero precision counts as 1 / 2ⁿ matches.</summary>
    Exponential,

    /// <summary>Method 1: a zero counts as a small number of matches.</summary>
    Floor,

    /// <summary>Method 2: a constant is added to matches and totals of n-grams longer than one word.</summary>
    AddK,

    /// <summary>Nothing: a zero makes the score zero.</summary>
    None,
}
