namespace AgentKit.Models.Gguf;

/// <summary>The checked sizes of a model from which the shapes of its tensors follow.</summary>
/// <param name="Embedding">Width of the residual stream.</param>
/// <param name="Layers">Number of blocks.</param>
/// <param name="Heads">Attention heads per layer.</param>
/// <param name="KvHeads">Key/value heads per layer.</param>
/// <param name="FeedForward">Width of the feed-forward part per layer.</param>
/// <param name="KeyLength">Elements of one key head.</param>
/// <param name="ValueLength">Elements of one value head.</param>
/// <param name="Rope">Elements of a head that are rotated.</param>
/// <param name="Experts">Experts of a mixture; 0 for a dense model.</param>
internal sealed record ModelShape(
    uint Embedding, int Layers, uint[] Heads, uint[] KvHeads, uint[] FeedForward, uint KeyLength, uint ValueLength, uint Rope, uint Experts);
