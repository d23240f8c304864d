namespace AgentKit.Training.Engine;

/// <summary>One sample in a pack, as attention sees it.</summary>
/// <param name="Start">Its first token.</param>
/// <param name="Tokens">How many it has.</param>
/// <param name="Mask">Who attends to whom.</param>
/// <param name="KeepsWeights">Whether the weights of attention stay for the backward pass; else it computes them anew.</param>
internal readonly record struct AttentionSpan(long Start, long Tokens, AttentionMask Mask, bool KeepsWeights)
{
    /// <summary>Blocks of queries.</summary>
    public long Blocks => (Tokens + Mask.Queries - 1) / Mask.Queries;
}
