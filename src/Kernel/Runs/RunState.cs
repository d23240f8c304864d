using System.Text.Json;

namespace AgentKit.Kernel.Runs;

/// <summary>
/// Where a run stands: a pure fold of its events, the same in the process that made them as in one that takes the run up after a crash.
/// </summary>
public sealed class RunState
{
    private readonly List<CallState> _calls = [];
    private readonly HashSet<(string? Server, string Tool)> _grants = [];
    private string? _lastRound;

    /// <summary>Folds a run's events.</summary>
    /// <param name="events">The events, in order.</param>
    public static RunState From(IEnumerable<AgentEvent> events)
    {
        var state = new RunState();
        foreach (AgentEvent e in events) state.Apply(e);
        return state;
    }

    /// <summary>How the run began; <c>null</c> before its first event.</summary>
    public AgentEvent.RunStarted? Start { get; private set; }

    /// <summary>The process that works on it, or last did.</summary>
    public string Owner { get; private set; } = "";

    /// <summary>Status as journaled.</summary>
    public RunStatus Status { get; private set; } = RunStatus.Running;

    /// <summary>Runs of other agents this one waited for when it last stood.</summary>
    public IReadOnlyList<string> WaitingRuns { get; private set; } = [];

    /// <summary>The agent that has the word.</summary>
    public string Agent { get; private set; } = "";

    /// <summary>The highest step number that is taken, those of calls that have not begun included.</summary>
    public int LastStep { get; private set; }

    /// <summary>How often the model has replied.</summary>
    public int Rounds { get; private set; }

    /// <summary>Rounds in a row in which every call was unusable or made its tool crash, or whose answer had a wrong form.</summary>
    public int FailedRounds { get; private set; }

    /// <summary>How often in a row the model has asked for the same calls and got the same results; 1 after any round of calls.</summary>
    public int Repeats { get; private set; }

    /// <summary>Tokens of all model calls.</summary>
    public TokenUsage Usage { get; private set; }

    /// <summary>The latest reply; <c>null</c> before the first, and when it is no answer that stands.</summary>
    public AgentEvent.ModelReplied? Reply { get; private set; }

    /// <summary>The calls of the latest reply.</summary>
    public IReadOnlyList<CallState> Calls => _calls;

    /// <summary>Whether every call of the latest reply has its result.</summary>
    public bool AllDone => _calls.TrueForAll(call => call.Stage is CallStage.Done);

    /// <summary>Whether an earlier decision in this run covers a tool.</summary>
    /// <param name="server">Where the tool comes from.</param>
    /// <param name="tool">The tool's name.</param>
    public bool IsGranted(string? server, string tool) => _grants.Contains((server, tool));

    /// <summary>Takes one more event in.</summary>
    public void Apply(AgentEvent e)
    {
        LastStep = Math.Max(LastStep, e.Step);
        switch (e)
        {
            case AgentEvent.RunStarted start:
                (Start, Owner, Agent) = (start, start.Owner, start.Agent);
                break;
            case AgentEvent.RunResumed resumed:
                // Whoever takes up a run that had failed wants it to try again.
                if (Status is RunStatus.Failed) (FailedRounds, Repeats) = (0, 0);
                (Owner, Status) = (resumed.Owner, RunStatus.Running);
                break;
            case AgentEvent.RunWaiting waiting:
                (Status, WaitingRuns) = (RunStatus.Waiting, waiting.Runs);
                break;
            case AgentEvent.RunInterrupted:
                Status = RunStatus.Interrupted;
                break;
            case AgentEvent.RunFinished finished:
                Status = finished.Status;
                break;
            case AgentEvent.HandedOff handoff:
                Agent = handoff.Agent;
                break;
            case AgentEvent.ModelReplied reply:
                TakeReply(reply);
                break;
            case AgentEvent.AnswerRejected:
                Reply = null;
                FailedRounds++;
                break;
            default:
                TakeCall(e);
                break;
        }
    }

    private void TakeReply(AgentEvent.ModelReplied reply)
    {
        Reply = reply;
        Rounds++;
        Usage += reply.Usage;
        _calls.Clear();
        for (int i = 0; i < reply.Calls.Count; i++) _calls.Add(new CallState(reply.Step + 1 + i, reply.Calls[i], CallStage.Open));
        LastStep = reply.Step + reply.Calls.Count;
    }

    private void TakeCall(AgentEvent e)
    {
        int i = _calls.FindIndex(call => call.Step == e.Step);
        if (i < 0) return;
        _calls[i] = e switch
        {
            AgentEvent.ApprovalRequested asked => _calls[i] with { Stage = CallStage.AwaitsApproval, Server = asked.Server },
            AgentEvent.ApprovalDecided { Approved: true } => _calls[i] with { Stage = CallStage.Approved },
            AgentEvent.ToolStarted started => _calls[i] with { Stage = CallStage.Started, Replay = started.Replay },
            AgentEvent.ToolOutcomeUnknown => _calls[i] with { Stage = CallStage.Unknown },
            AgentEvent.ToolCompleted done => _calls[i] with { Stage = CallStage.Done, Done = done },
            _ => _calls[i],
        };
        if (e is AgentEvent.ApprovalDecided { Approved: true, Scope: not Tools.ApprovalScope.Once })
            _grants.Add((_calls[i].Server, _calls[i].Call.Name));
        if (e is AgentEvent.ToolCompleted && AllDone) CloseRound();
    }

    private void CloseRound()
    {
        FailedRounds = _calls.TrueForAll(call => call.Done!.Fault is Tools.ToolFault.Model or Tools.ToolFault.Tool) ? FailedRounds + 1 : 0;
        string round = string.Join('\n', _calls.Select(call => JsonSerializer.Serialize(
            [call.Call.Name, call.Call.Arguments?.GetRawText() ?? "", call.Done!.Result ?? "", call.Done.Error ?? ""],
            RunsJsonContext.Default.StringArray)));
        Repeats = round == _lastRound ? Repeats + 1 : 1;
        _lastRound = round;
    }
}
