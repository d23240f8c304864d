using System.Globalization;

namespace AgentKit.Agents.Judge;

/// <summary>
/// How far a judge can be trusted, from pairs with known labels. Shares are 0 to 1. A small judge may be right less often than a coin on
/// pairs made to mislead it, so all of these numbers belong together.
/// </summary>
public sealed record JudgeReport
{
    private const double LeastConsistency = 0.7;

    private JudgeReport(IReadOnlyList<JudgedPair> pairs)
    {
        Count = pairs.Count;
        RightInOrder = pairs.Count(pair => pair.InOrder == pair.Label);
        RightSwapped = pairs.Count(pair => pair.Swapped == pair.Label);
        RightInBoth = pairs.Count(pair => pair.InOrder == pair.Label && pair.Swapped == pair.Label);
        Consistent = pairs.Count(pair => pair.InOrder is not null && pair.InOrder == pair.Swapped);
        Unreadable = pairs.Sum(pair => (pair.InOrder is null ? 1 : 0) + (pair.Swapped is null ? 1 : 0));
        OrderKappa = Agreement.Kappa([.. pairs.Select(pair => (pair.InOrder, pair.Swapped))]);
        LabelKappa = Agreement.Kappa(
            [.. pairs.SelectMany(pair => new[] { (pair.InOrder, (Verdict?)pair.Label), (pair.Swapped, pair.Label) })]);
        Verdict[] unequal = [.. pairs.Where(pair => pair.Longer != Verdict.Tie)
            .SelectMany(pair => new[] { (pair.InOrder, pair.Longer), (pair.Swapped, pair.Longer) })
            .Where(one => one.Item1 is Verdict.First or Verdict.Second)
                .Select(one => one.Item1 == one.Longer ? Verdict.First : Verdict.Second)];
        PrefersLonger = unequal.Length > 0 ? unequal.Count(verdict => verdict == Verdict.First) / (double)unequal.Length : 0.5;
        // Whoever is shown first is the first answer in order, and the second one swapped.
        int shownFirst = pairs.Count(pair => pair.InOrder == Verdict.First) + pairs.Count(pair => pair.Swapped == Verdict.Second);
        int decided = pairs.Sum(
            pair => (pair.InOrder is Verdict.First or Verdict.Second ? 1 : 0) + (pair.Swapped is Verdict.First or Verdict.Second ? 1 : 0));
        PrefersFirstShown = decided > 0 ? shownFirst / (double)decided : 0.5;
        LongestBaseline = pairs.Sum(pair => pair.Longer == pair.Label ? 1 : pair.Longer == Verdict.Tie ? 0.5 : 0) / pairs.Count;
    }

    /// <summary>Number of pairs.</summary>
    public int Count { get; }

    /// <summary>Pairs judged right with the first answer shown first.</summary>
    public int RightInOrder { get; }

    /// <summary>Pairs judged right with the second answer shown first.</summary>
    public int RightSwapped { get; }

    /// <summary>Pairs judged right in both orders: what counts when a disagreement is a tie.</summary>
    public int RightInBoth { get; }

    /// <summary>Pairs with the same verdict in both orders.</summary>
    public int Consistent { get; }

    /// <summary>Verdicts that could not be read, of twice as many as pairs.</summary>
    public int Unreadable { get; }

    /// <summary>The mean accuracy of both orders.</summary>
    public double Accuracy => (RightInOrder + RightSwapped) / (2.0 * Count);

    /// <summary>The share of pairs with the same verdict in both orders.</summary>
    public double Consistency => Consistent / (double)Count;

    /// <summary>Cohen's κ between the verdicts of the two orders (Cohen 1960).</summary>
    public double OrderKappa { get; }

    /// <summary>Cohen's κ between verdicts and labels, over both orders.</summary>
    public double LabelKappa { get; }

    /// <summary>The share of verdicts for the longer answer, of verdicts that were no tie; 0.5 has no bias if labels have none.</summary>
    public double PrefersLonger { get; }

    /// <summary>The share of verdicts for the answer that was shown first, of verdicts that were no tie; 0.5 has no bias.</summary>
    public double PrefersFirstShown { get; }

    /// <summary>How often the longer answer is the right one: a judge below this is worth less than counting letters.</summary>
    public double LongestBaseline { get; }

    /// <summary>Counts verdicts.</summary>
    /// <param name="pairs">One or more.</param>
    public static JudgeReport Of(IReadOnlyList<JudgedPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentOutOfRangeException.ThrowIfZero(pairs.Count);
        return new(pairs);
    }

    /// <summary>Reasons not to trust the judge, in sentences; empty when none was found.</summary>
    /// <param name="judge">The judge's architecture or base model, if known.</param>
    /// <param name="subject">That of the model whose answers it judges, if known.</param>
    public IReadOnlyList<string> Warnings(string? judge = null, string? subject = null)
    {
        List<string> warnings = [];
        if (Accuracy <= LongestBaseline)
            warnings.Add(Sentence(
                $"The judge is right in {Accuracy:P1} of cases; always taking the longer answer is right in {LongestBaseline:P1}."));
        if (Accuracy <= 0.5) warnings.Add(Sentence($"The judge is right in {Accuracy:P1} of cases; a coin is in 50 %."));
        if (Consistency < LeastConsistency)
            warnings.Add(
                Sentence($"Only {Consistency:P1} of verdicts stay the same when the answers change places; all others count as ties."));
        if (Unreadable > 0) warnings.Add(Sentence($"{Unreadable} of {2 * Count} verdicts could not be read."));
        if (judge is not null && string.Equals(judge, subject, StringComparison.OrdinalIgnoreCase))
            warnings.Add($"Judge and subject share a base ({judge}); models favour what reads like their own text.");
        return warnings;
    }

    private static string Sentence(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
