namespace AgentKit.Memory.Facts;

/// <summary>Asks <see cref="FactConsolidation"/> to make facts of a run.</summary>
/// <param name="Scope">Whose memory they belong to.</param>
/// <param name="RunId">The run.</param>
public sealed record ConsolidateRun(MemoryScope Scope, string RunId);
