namespace AgentKit.Eval.Tasks;

/// <summary>How the values of single samples become a task's number.</summary>
public enum MetricKind
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The sum of the values over the sum of others, where a sample holds several things to count.</summary>
    Ratio,

    /// <summary>exp of minus their mean: perplexity from log-likelihoods.</summary>
    Perplexity,

    /// <summary>
    /// The chance that one of k attempts is right, estimated without bias from the attempts at each problem (Chen et al. 2021, equation 1),
    /// and the mean over problems.
    /// </summary>
    PassAtK,

    /// <summary>The chance that k attempts are all right (Yao et al. 2024, tau-bench, section 3), and the mean over problems.</summary>
    PassHatK,

    /// <summary>A figure of all samples together, such as Cohen's κ, that is no sum over them.</summary>
    Whole,
}
