namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>How far an ingest has come.</summary>
/// <param name="Phase">What it is at.</param>
/// <param name="Done">Bytes of all sources that are done, unchanged ones among them; or chunks that have got a context or a vector.</param>
/// <param name="Total">All of them.</param>
public readonly record struct IngestProgress(IngestPhase Phase, long Done, long Total);
