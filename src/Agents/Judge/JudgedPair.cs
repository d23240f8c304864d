namespace AgentKit.Agents.Judge;

/// <summary>A judge's verdicts on two answers of which it is known which one is better.</summary>
/// <param name="InOrder">The verdict with the first answer shown first; <c>null</c> when none could be read.</param>
/// <param name="Swapped">
/// The verdict with the second answer shown first, in terms of the answers; <c>null</c> when none could be read.
/// </param>
/// <param name="Label">The right verdict.</param>
/// <param name="FirstLength">Length of the first answer.</param>
/// <param name="SecondLength">Length of the second answer, in the same unit.</param>
public sealed record JudgedPair(Verdict? InOrder, Verdict? Swapped, Verdict Label, int FirstLength, int SecondLength)
{
    /// <summary>The longer answer; a tie when both are equally long.</summary>
    public Verdict Longer => FirstLength > SecondLength ? Verdict.First : SecondLength > FirstLength ? Verdict.Second : Verdict.Tie;
}
