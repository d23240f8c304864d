namespace AgentKit.Agents.Judge;

/// <summary>What a judge said about two answers, asked once in each order.</summary>
/// <param name="InOrder">The verdict with the first answer shown first; <c>null</c> when none could be read.</param>
/// <param name="Swapped">
/// The verdict with the second answer shown first, in terms of the answers, not of their places; <c>null</c> when none could be read.
/// </param>
/// <param name="Texts">What the judge wrote, in the same two orders.</param>
public sealed record PairJudgment(Verdict? InOrder, Verdict? Swapped, IReadOnlyList<string> Texts)
{
    /// <summary>Whether both orders led to the same verdict.</summary>
    public bool IsConsistent => InOrder is not null && InOrder == Swapped;

    /// <summary>The verdict that both orders share, else a tie (Zheng et al. 2023, section 3.4).</summary>
    public Verdict Verdict => IsConsistent ? InOrder!.Value : Verdict.Tie;
}
