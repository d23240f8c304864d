using AgentKit.Memory.Knowledge.Store;

namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>What reading a source gave.</summary>
/// <param name="Source">The source.</param>
/// <param name="Known">What the index knew of it.</param>
/// <param name="Document">What is to be written; <c>null</c> when it is unchanged or at fault.</param>
/// <param name="Fault">Why it cannot be taken in.</param>
/// <param name="Gone">Whether an earlier version has to go because of the fault.</param>
internal sealed record PreparationResult(
    IngestSource Source, KnownDocument? Known, PreparedDocument? Document, IngestFault? Fault, bool Gone);
