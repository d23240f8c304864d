namespace AgentKit.Memory.Knowledge.Store;

/// <summary>What the index knows about a source.</summary>
/// <param name="Id">The document.</param>
/// <param name="Bytes">Size when it was read.</param>
/// <param name="Modified">Time stamp of the source in ticks of UTC when it was read.</param>
/// <param name="Checked">When it was read, in the same ticks.</param>
/// <param name="Recipe">How it was read and cut.</param>
/// <param name="Hash">SHA-256 of its bytes.</param>
/// <param name="Metadata">Its metadata as JSON.</param>
internal sealed record KnownDocument(long Id, long Bytes, long Modified, long Checked, string Recipe, byte[] Hash, string Metadata);
