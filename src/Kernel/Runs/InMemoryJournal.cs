using System.Runtime.CompilerServices;

namespace AgentKit.Kernel.Runs;

/// <summary>A journal that lives as long as its process.</summary>
/// <param name="time">Stamps the events; the system's clock when <c>null</c>.</param>
public sealed class InMemoryJournal(TimeProvider? time = null) : IJournal
{
    private sealed record Run(RunHead Head, List<JournalRecord> Records);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Dictionary<string, Run> _runs = [];

    /// <inheritdoc/>
    public ValueTask<long> AppendAsync(
        string runId, long expectedVersion, IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_runs)
        {
            DateTimeOffset now = _time.GetUtcNow();
            Run? run = _runs.GetValueOrDefault(runId);
            RunHead head = RunHead.Append(runId, run?.Head, expectedVersion, events, now);
            List<JournalRecord> records = run?.Records ?? [];
            foreach (AgentEvent e in events) records.Add(new JournalRecord(runId, records.Count + 1, EventJson.Schema, now, e));
            _runs[runId] = new Run(head, records);
            return ValueTask.FromResult(head.Version);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalRecord> ReadAsync(
        string runId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        JournalRecord[] records;
        lock (_runs) records = _runs.TryGetValue(runId, out Run? run) ? [.. run.Records] : [];
        foreach (JournalRecord record in records)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return record;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RunSummary> ListAsync(
        bool unfinishedOnly = false, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        RunHead[] heads;
        lock (_runs) heads = [.. _runs.Values.Select(run => run.Head)];
        foreach (RunHead head in heads.OrderByDescending(h => h.Started).ThenByDescending(h => h.RunId, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!unfinishedOnly || head.IsUnfinished) yield return head.ToSummary();
        }
    }
}
