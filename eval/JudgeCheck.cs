namespace AgentKit.Eval;

/// <summary>Whether the judge of a run can be trusted: how it does on pairs of answers of which people have said which one is better.</summary>
/// <param name="Judge">The judge's signature.</param>
/// <param name="Pairs">Pairs of LLMBar that it was asked about, in both orders; 0: none were to be had.</param>
/// <param name="Warnings">Reasons not to trust it, in sentences.</param>
/// <param name="Accuracy">Share of verdicts that are right, over both orders.</param>
/// <param name="LongestBaseline">What always taking the longer answer would get.</param>
/// <param name="Consistency">Share of pairs with the same verdict in both orders.</param>
/// <param name="OrderKappa">Cohen's κ between the verdicts of the two orders.</param>
/// <param name="LabelKappa">Cohen's κ between verdicts and people's.</param>
/// <param name="PrefersLonger">Share of verdicts for the longer answer.</param>
public sealed record JudgeCheck(
    string Judge,
    int Pairs,
    IReadOnlyList<string> Warnings,
    double? Accuracy = null,
    double? LongestBaseline = null,
    double? Consistency = null,
    double? OrderKappa = null,
    double? LabelKappa = null,
    double? PrefersLonger = null)
{
    /// <summary>Pairs that the judge could not be asked about, such as those that do not fit its context; they are in none of the numbers.</summary>
    public int Errors { get; init; }

    /// <summary>A 95 % interval of the accuracy, from resampling pairs: lower and upper end; <c>null</c> where nothing tells of a spread.</summary>
    public IReadOnlyList<double>? AccuracyCi95 { get; init; }

    /// <summary>A 95 % interval of the consistency, Wilson's.</summary>
    public IReadOnlyList<double>? ConsistencyCi95 { get; init; }

    /// <summary>A 95 % interval of κ between the orders, from resampling pairs; <c>null</c> where nothing tells of a spread.</summary>
    public IReadOnlyList<double>? OrderKappaCi95 { get; init; }

    /// <summary>A 95 % interval of κ between verdicts and people's, from resampling pairs; <c>null</c> where nothing tells of a spread.</summary>
    public IReadOnlyList<double>? LabelKappaCi95 { get; init; }
}
