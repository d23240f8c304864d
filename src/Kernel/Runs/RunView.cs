using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AgentKit.Kernel.Runs;

/// <summary>A run as people look at it: a pure fold of its journal.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Agent">The agent's name.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Task">What was asked.</param>
/// <param name="Started">When it began.</param>
/// <param name="Finished">When it ended; <c>null</c> while it has not.</param>
/// <param name="FinishReason">Why it ended, see <see cref="FinishReasons"/>; <c>null</c> while it has not.</param>
/// <param name="Answer">The final answer, if there is one.</param>
/// <param name="Error">What went wrong, for a failed run.</param>
/// <param name="Steps">Model and tool steps in order.</param>
/// <param name="Usage">Tokens of all model calls.</param>
/// <param name="Waiting">Calls that somebody has to decide on.</param>
/// <param name="WaitingRuns">Runs of other agents that have to go on first, because calls of this one wait for them.</param>
/// <param name="Parent">The run this one was forked from, if any.</param>
/// <param name="Compactions">What of the history the model was shown in a shorter form, in order.</param>
/// <param name="ToolTokens">Tokens that each tool's schema takes in every prompt, by name; <c>null</c> when the model does not count.</param>
public sealed record RunView(
    string RunId,
    RunStatus Status,
    string Agent,
    string Model,
    string Task,
    DateTimeOffset Started,
    DateTimeOffset? Finished,
    string? FinishReason,
    string? Answer,
    string? Error,
    IReadOnlyList<RunStep> Steps,
    TokenUsage Usage,
    IReadOnlyList<WaitingCall> Waiting,
    IReadOnlyList<string> WaitingRuns,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RunParent? Parent,
    IReadOnlyList<AgentEvent.ContextCompacted> Compactions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, int>? ToolTokens)
{
    private const string Interrupted = "The outcome is unknown: the run stopped while the tool was running.";

    /// <summary>Folds a run's records.</summary>
    /// <param name="records">All records of one run, in order.</param>
    /// <param name="ownerIsAlive">Whether a process still runs; <see cref="ProcessOwner.IsAlive"/> when <c>null</c>.</param>
    /// <exception cref="ArgumentException">The records do not begin with the start of a run.</exception>
    public static RunView From(IReadOnlyList<JournalRecord> records, Func<string, bool>? ownerIsAlive = null)
    {
        if (records is not [{ Event: AgentEvent.RunStarted start } first, ..])
            throw new ArgumentException("A run's records begin with its start.", nameof(records));

        var steps = new SortedDictionary<int, RunStep>();
        var state = new RunState();
        (DateTimeOffset At, AgentEvent.RunFinished Event)? end = null;
        foreach (JournalRecord record in records)
        {
            state.Apply(record.Event);
            if (StepOf(record.Event) is { } step) steps[step.N] = step;
            if (record.Event is AgentEvent.RunFinished finished) end = (record.At, finished);
            if (record.Event is AgentEvent.RunResumed) end = null;
        }

        RunStatus status = Live(state.Status, state.Owner, ownerIsAlive ?? ProcessOwner.IsAlive);
        return new RunView(
            first.RunId, status,
            start.Agent, start.Model, start.Task, first.At, end?.At, end?.Event.FinishReason, end?.Event.Answer, end?.Event.Error,
            [.. steps.Values.Select(step => Now(step, status, state))], state.Usage,
            status is RunStatus.Completed ? [] : [.. state.Calls.Where(call => call.Waits).Select(ToWaiting)],
            status is RunStatus.Waiting ? state.WaitingRuns : [],
            start.Parent, [.. records.Select(record => record.Event).OfType<AgentEvent.ContextCompacted>()], start.ToolTokens);
    }

    /// <summary>Reads and folds a run.</summary>
    /// <returns><c>null</c> when the journal does not know the run.</returns>
    public static async Task<RunView?> LoadAsync(IJournal journal, string runId, CancellationToken cancellationToken = default)
    {
        var records = new List<JournalRecord>();
        await foreach (JournalRecord record in journal.ReadAsync(runId, cancellationToken).ConfigureAwait(false)) records.Add(record);
        return records.Count == 0 ? null : From(records);
    }

    /// <summary>
    /// The run as the command line prints it: <c>run_id, status, answer, steps[{n, kind, …}], usage, …</c>, in snake case.
    /// </summary>
    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, EventJson.Context.RunView)!.AsObject();

    /// <summary>The status to show: a run that is journaled as running is interrupted when its process is gone.</summary>
    internal static RunStatus Live(RunStatus journaled, string owner, Func<string, bool> ownerIsAlive) =>
        journaled is RunStatus.Running && !ownerIsAlive(owner) ? RunStatus.Interrupted : journaled;

    private static WaitingCall ToWaiting(CallState call) =>
        new(call.Call.Id, call.Call.Name, call.Call.Arguments, call.Stage is CallStage.Unknown);

    /// <summary>A step without an end, as it stands now: at work, waiting, or nobody knows.</summary>
    private static RunStep Now(RunStep step, RunStatus status, RunState state)
    {
        if (step.Ms is not null) return step;
        bool waits = state.Calls.Any(call => call.Step == step.N && call.Waits);
        return status is RunStatus.Running && !waits
            ? step with { OutcomeUnknown = false, Error = null }
            : step with { Waits = waits };
    }

    private static RunStep? StepOf(AgentEvent e) => e switch
    {
        AgentEvent.ModelReplied m => new RunStep(m.Step, RunStepKind.Model, null, null, null, m.Text, null, m.Milliseconds) { Usage = m.Usage },
        AgentEvent.ApprovalRequested a => ToolStep(a.Step, a.Call),
        AgentEvent.ToolStarted t => ToolStep(t.Step, t.Call) with { OutcomeUnknown = true, Error = Interrupted },
        AgentEvent.ToolOutcomeUnknown u => ToolStep(u.Step, u.Call) with { OutcomeUnknown = true, Error = $"{Interrupted} {u.Reason}" },
        AgentEvent.ToolCompleted t => ToolStep(t.Step, t.Call) with { Result = t.Result, Error = t.Error, Ms = t.Milliseconds, Data = t.Data },
        _ => null,
    };

    private static RunStep ToolStep(int step, ToolCall call) =>
        new(step, RunStepKind.Tool, call.Id, call.Name, call.Arguments, null, null, null);
}
