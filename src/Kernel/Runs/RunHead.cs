namespace AgentKit.Kernel.Runs;

/// <summary>
/// What a journal keeps of a run beside its events, so that listing and version checks read no events. Every journal folds it with
/// <see cref="Append"/>, which is also where the rules of appending are checked.
/// </summary>
/// <param name="RunId">The run.</param>
/// <param name="Version">Version of its last event.</param>
/// <param name="Status">Status as journaled: <see cref="RunStatus.Running"/> also when the process that worked on it has died.</param>
/// <param name="Agent">The agent's name.</param>
/// <param name="Task">What was asked.</param>
/// <param name="Owner">The process that works on it.</param>
/// <param name="Started">When it began.</param>
/// <param name="Steps">The highest step number so far.</param>
public sealed record RunHead(
    string RunId, long Version, RunStatus Status, string Agent, string Task, string Owner, DateTimeOffset Started, int Steps)
{
    /// <summary>Whether the run has still to end.</summary>
    public bool IsUnfinished => Status is not (RunStatus.Completed or RunStatus.Failed);

    /// <summary>The head after an append.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="head">The head before it; <c>null</c> for a new run.</param>
    /// <param name="expectedVersion">The version the caller knows.</param>
    /// <param name="events">What is appended.</param>
    /// <param name="at">When.</param>
    /// <exception cref="JournalConflictException">The run has another version.</exception>
    /// <exception cref="ArgumentException">
    /// Nothing to append, an event that is never journaled, or a run that does not begin with its start.
    /// </exception>
    public static RunHead Append(string runId, RunHead? head, long expectedVersion, IReadOnlyList<AgentEvent> events, DateTimeOffset at)
    {
        Check(runId, expectedVersion, events);
        if ((head?.Version ?? 0) != expectedVersion) throw new JournalConflictException(runId, expectedVersion, head?.Version ?? 0);
        if (head is null)
        {
            if (events[0] is not AgentEvent.RunStarted start)
                throw new ArgumentException($"Run {runId} is new, and a run begins with {nameof(AgentEvent.RunStarted)}.", nameof(events));
            head = new RunHead(runId, 0, RunStatus.Running, start.Agent, start.Task, start.Owner, at, 0);
        }

        foreach (AgentEvent e in events) head = head.After(e);
        return head;
    }

    /// <summary>Checks what can be checked without knowing the run.</summary>
    /// <exception cref="ArgumentException">Nothing to append, or an event that is never journaled.</exception>
    public static void Check(string runId, long expectedVersion, IReadOnlyList<AgentEvent> events)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(runId);
        ArgumentOutOfRangeException.ThrowIfNegative(expectedVersion);
        if (events.Count == 0) throw new ArgumentException("There is nothing to append.", nameof(events));
        if (events.Any(e => e is AgentEvent.TextDelta))
            throw new ArgumentException($"{nameof(AgentEvent.TextDelta)} is shown live and never journaled.", nameof(events));
    }

    /// <summary>The head after one event.</summary>
    private RunHead After(AgentEvent e)
    {
        (RunStatus status, string owner) = e switch
        {
            AgentEvent.RunWaiting => (RunStatus.Waiting, Owner),
            AgentEvent.RunInterrupted => (RunStatus.Interrupted, Owner),
            AgentEvent.RunResumed resumed => (RunStatus.Running, resumed.Owner),
            AgentEvent.RunFinished finished => (finished.Status, Owner),
            _ => (Status, Owner),
        };
        return this with { Version = Version + 1, Status = status, Owner = owner, Steps = Math.Max(Steps, e.Step) };
    }

    /// <summary>One line of the list of runs; an unfinished run whose process has died is shown as interrupted.</summary>
    public RunSummary ToSummary() => new(RunId, RunView.Live(Status, Owner, ProcessOwner.IsAlive), Agent, Task, Started, Steps);
}
