using AgentKit.Kernel.Errors;

namespace AgentKit.Kernel.Runs;

/// <summary>
/// Makes a new run that begins as another one did, up to a step, and can then go on differently. What the first steps changed outside of
/// the journal, in files or over the network, is neither undone nor done again.
/// </summary>
public static class RunFork
{
    /// <summary>The events of a fork, to be appended to a new run, which then stands as interrupted.</summary>
    /// <param name="records">All records of the run that is forked.</param>
    /// <param name="step">The last step to keep; 0 keeps the task only. Tool calls of the last reply kept that lie beyond it run anew.</param>
    /// <param name="model">The name of the model that goes on; the same when <c>null</c>.</param>
    /// <param name="settings">The settings of the fork; those of the run when <c>null</c>.</param>
    /// <exception cref="UserInputException">The run has no such step.</exception>
    public static IReadOnlyList<AgentEvent> Events(
        IReadOnlyList<JournalRecord> records, int step, string? model = null, IReadOnlyDictionary<string, string>? settings = null)
    {
        if (records is not [{ Event: AgentEvent.RunStarted start } first, ..])
            throw new ArgumentException("A run's records begin with its start.", nameof(records));
        AgentEvent[] events = [.. records.Select(record => record.Event)];
        int last = events.Max(e => e.Step);
        if (step < 0 || step > last) throw new UserInputException("--at", $"--at is {step}; run {first.RunId} has steps 1 to {last}, and 0 keeps the task only.");

        HashSet<string> done = [.. events.OfType<AgentEvent.ToolCompleted>().Where(e => e.Step <= step).Select(e => e.Call.Id)];
        return
        [
            start with
            {
                Owner = ProcessOwner.Current,
                Model = model ?? start.Model,
                Settings = settings ?? start.Settings,
                Parent = new RunParent(first.RunId, step),
            },
            .. events.Skip(1).Where(e => e.Step <= step && Keeps(e, done)),
            new AgentEvent.RunInterrupted(),
        ];
    }

    /// <summary>What belongs to the run's course; not what its processes did, and of a tool call nothing without its end.</summary>
    private static bool Keeps(AgentEvent e, HashSet<string> done) => e switch
    {
        AgentEvent.RunWaiting or AgentEvent.RunInterrupted or AgentEvent.RunResumed or AgentEvent.RunFinished => false,
        AgentEvent.ToolStarted tool => done.Contains(tool.Call.Id),
        AgentEvent.ApprovalRequested asked => done.Contains(asked.Call.Id),
        AgentEvent.ApprovalDecided decided => done.Contains(decided.CallId),
        AgentEvent.ToolOutcomeUnknown unknown => done.Contains(unknown.Call.Id),
        _ => true,
    };
}
