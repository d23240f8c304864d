namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>A source that could not be taken in.</summary>
/// <param name="Source">The source.</param>
/// <param name="Message">Why, and what became of an earlier version of it.</param>
public sealed record IngestFault(string Source, string Message);
