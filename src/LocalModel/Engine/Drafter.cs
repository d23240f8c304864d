namespace AgentKit.Models.Engine;

/// <summary>Guesses what comes next, so that one decode call can check several tokens (speculative decoding, Leviathan et al. 2023).</summary>
internal abstract class Drafter : IDisposable
{
    /// <summary>Guesses for sequences that wait for their next token.</summary>
    /// <param name="sequences">Sequences that are generating; each one's <see cref="GeneratingSequence.Draft"/> is empty.</param>
    /// <param name="most">Most tokens for each.</param>
    public abstract void Propose(IReadOnlyList<GeneratingSequence> sequences, int most);

    public virtual void Dispose()
    {
    }

    /// <summary>How many tokens are worth guessing for a sequence now.</summary>
    protected static int Worth(GeneratingSequence sequence, int most) => Math.Min(Math.Min(sequence.WorthDrafting, most), sequence.Remaining);
}
