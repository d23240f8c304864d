namespace AgentKit.Training.Engine;

/// <summary>Sizes of one attention.</summary>
/// <param name="HeadLength">Elements of a head.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads; query heads share them in equal groups.</param>
/// <param name="Scale">What scores are multiplied with before the softmax.</param>
/// <param name="Cap">Before that, scores are cap · tanh(score / cap) (Gemma Team 2024, section 2); 0 for no cap.</param>
internal sealed record AttentionShape(long HeadLength, long Heads, long KvHeads, float Scale, float Cap);
