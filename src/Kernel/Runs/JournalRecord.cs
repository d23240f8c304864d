namespace AgentKit.Kernel.Runs;

/// <summary>One journaled event.</summary>
/// <param name="RunId">The run it belongs to.</param>
/// <param name="Version">1-based position in its run, without gaps.</param>
/// <param name="Schema">Version of the event format it was written with.</param>
/// <param name="At">When it was appended.</param>
/// <param name="Event">The event.</param>
public sealed record JournalRecord(string RunId, long Version, int Schema, DateTimeOffset At, AgentEvent Event);
