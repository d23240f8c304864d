namespace AgentKit.Memory.Knowledge.Store;

/// <summary>What a model said about a chunk.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="Hash">Of the question, the model's name included.</param>
/// <param name="Text">The answer.</param>
internal sealed record ChunkContext(BareChunk Chunk, byte[] Hash, string Text);
