namespace AgentKit.Kernel.Runs;

/// <summary>Two writers appended to one run; the second is refused so that neither loses an event.</summary>
/// <param name="runId">The run.</param>
/// <param name="expected">The version the caller knew.</param>
/// <param name="actual">The version found.</param>
public sealed class JournalConflictException(string runId, long expected, long actual)
    : Exception($"Run {runId} is at version {actual}, not {expected}: another writer has appended to it.");
