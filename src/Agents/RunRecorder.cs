using AgentKit.Kernel.Runs;

namespace AgentKit.Agents;

/// <summary>Appends a run's events to the journal, one append after the other, and shows each event once it is safe there.</summary>
internal sealed class RunRecorder(IJournal journal, string runId, Action<AgentEvent> publish)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly List<AgentEvent> _events = [];
    private readonly List<AgentEvent> _held = [];
    private long _version;

    public string RunId => runId;

    /// <summary>Everything journaled so far. To be read between rounds only, when no tool is running.</summary>
    public IReadOnlyList<AgentEvent> Events => _events;

    /// <summary>Where the run stands. To be read between rounds only, when no tool is running.</summary>
    public RunState State { get; } = new();

    /// <summary>Takes over what the journal has of the run.</summary>
    /// <returns>Whether it has anything.</returns>
    public async Task<bool> LoadAsync(CancellationToken cancellationToken)
    {
        await foreach (JournalRecord record in journal.ReadAsync(runId, cancellationToken).ConfigureAwait(false))
        {
            _version = record.Version;
            Take(record.Event);
        }

        return _version > 0;
    }

    /// <summary>
    /// Takes an event in whose consequences follow at once; it is journaled together with them by the next append, in one wait for the disk.
    /// To be used between rounds only.
    /// </summary>
    public void Hold(AgentEvent e)
    {
        Take(e);
        _held.Add(e);
    }

    /// <summary>Journals events together, then shows them. What has happened is recorded even when the run is being cancelled.</summary>
    public async Task AppendAsync(params IReadOnlyList<AgentEvent> events)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            AgentEvent[] all = [.. _held, .. events];
            if (all.Length == 0) return;
            _version = await journal.AppendAsync(runId, _version, all, CancellationToken.None).ConfigureAwait(false);
            _held.Clear();
            foreach (AgentEvent e in events) Take(e);
            foreach (AgentEvent e in all) publish(e);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Shows an event that is not journaled.</summary>
    public void Show(AgentEvent.TextDelta delta) => publish(delta);

    /// <summary>The run as the journal has it.</summary>
    public async Task<RunView> ViewAsync() =>
        await RunView.LoadAsync(journal, runId, CancellationToken.None).ConfigureAwait(false)
        ?? throw new InvalidOperationException($"The journal does not return run {runId}, which it has accepted.");

    private void Take(AgentEvent e)
    {
        _events.Add(e);
        State.Apply(e);
    }
}
