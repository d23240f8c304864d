namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>How far an ingest has come.</summary>
/// <param name="Source">The source that was done last.</param>
/// <param name="DoneBytes">Bytes of all sources that are done, unchanged ones among them.</param>
/// <param name="TotalBytes">Bytes of all.</param>
public readonly record struct IngestProgress(string Source, long DoneBytes, long TotalBytes);
