using AgentKit.Kernel.Runs;

namespace AgentKit.Memory.Journal;

/// <summary>
/// An append that waits for the writer. Its events are in their stored form already, so that what is malformed fails its own caller only.
/// </summary>
/// <param name="runId">The run.</param>
/// <param name="expectedVersion">The version its caller knows.</param>
/// <param name="events">The events.</param>
/// <param name="times">When they happened; the time of writing when <c>null</c>.</param>
internal sealed class PendingAppend(
    string runId, long expectedVersion, IReadOnlyList<AgentEvent> events, IReadOnlyList<DateTimeOffset>? times = null)
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Withdrawn = 2;

    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state = Waiting;

    public string RunId => runId;

    public long ExpectedVersion => expectedVersion;

    public IReadOnlyList<AgentEvent> Events => events;

    public IReadOnlyList<DateTimeOffset>? Times => times;

    public string[] Json { get; } = [.. events.Select(EventJson.Write)];

    /// <summary>The new version, once it is safely on disk.</summary>
    public Task<long> Done => _done.Task;

    /// <summary>Claims the append for writing.</summary>
    /// <returns><c>false</c> when its caller no longer wants it.</returns>
    public bool TryBegin() => Interlocked.CompareExchange(ref _state, Begun, Waiting) is Waiting or Begun;

    /// <summary>Gives the append up, unless its writing has begun.</summary>
    public void Withdraw(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Withdrawn, Waiting) is Waiting) _done.TrySetCanceled(cancellationToken);
    }

    public void Complete(long version) => _done.TrySetResult(version);

    public void Fail(Exception error) => _done.TrySetException(error);
}
