namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>A document that was read, cut and analyzed, and waits to be written.</summary>
internal sealed record PreparedDocument(
    string Source, string Kind, string Title, long Bytes, long Modified, string Recipe, byte[] Hash, string Metadata, IReadOnlyList<PreparedChunk> Chunks);
