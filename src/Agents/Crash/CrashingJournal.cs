using AgentKit.Kernel.Runs;

namespace AgentKit.Agents.Crash;

/// <summary>A journal whose process dies at a chosen append of one run.</summary>
public sealed class CrashingJournal : IJournal
{
    private readonly IJournal _inner;
    private readonly string _victim;
    private readonly CrashPoint _point;
    private readonly Action _crash;
    private int _appends;
    private volatile bool _dead;

    /// <summary>Puts a crash into a journal.</summary>
    /// <param name="inner">The real journal.</param>
    /// <param name="victim">The run whose appends are counted.</param>
    /// <param name="point">When to die.</param>
    /// <param name="crash">What dying is; kills this process when <c>null</c>. When it throws instead, every later append fails.</param>
    public CrashingJournal(IJournal inner, string victim, CrashPoint point, Action? crash = null) =>
        (_inner, _victim, _point, _crash) = (inner, victim, point, crash ?? CrashTest.Kill);

    /// <inheritdoc/>
    public async ValueTask<long> AppendAsync(
        string runId, long expectedVersion, IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken = default)
    {
        bool dies = runId == _victim && Interlocked.Increment(ref _appends) == _point.Append;
        if (dies && !_point.Committed) Die();
        ObjectDisposedException.ThrowIf(_dead, this);
        long version = await _inner.AppendAsync(runId, expectedVersion, events, cancellationToken).ConfigureAwait(false);
        if (dies) Die();
        return version;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<JournalRecord> ReadAsync(string runId, CancellationToken cancellationToken = default) =>
        _inner.ReadAsync(runId, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<RunSummary> ListAsync(bool unfinishedOnly = false, CancellationToken cancellationToken = default) =>
        _inner.ListAsync(unfinishedOnly, cancellationToken);

    private void Die()
    {
        _dead = true;
        _crash();
    }
}
