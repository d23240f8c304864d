namespace AgentKit.Kernel.Runs;

/// <summary>Append-only record of runs. Implementations are safe for concurrent use by many runs and many processes.</summary>
public interface IJournal
{
    /// <summary>Appends events atomically; once this returns they survive a crash of the process.</summary>
    /// <param name="runId">The run; created by its first append.</param>
    /// <param name="expectedVersion">Version of the run's last event as the caller knows it; 0 for a new run.</param>
    /// <param name="events">One or more events.</param>
    /// <param name="cancellationToken">Cancels waiting, never a write that has begun.</param>
    /// <returns>The version of the last appended event.</returns>
    /// <exception cref="JournalConflictException">The run has another version: someone else has appended.</exception>
    ValueTask<long> AppendAsync(
        string runId, long expectedVersion, IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken = default);

    /// <summary>Reads a run's events in order; empty when the run is unknown.</summary>
    IAsyncEnumerable<JournalRecord> ReadAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Lists runs, newest first.</summary>
    /// <param name="unfinishedOnly">Leaves completed and failed runs out; takes time in proportion to what is left.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    IAsyncEnumerable<RunSummary> ListAsync(bool unfinishedOnly = false, CancellationToken cancellationToken = default);
}
