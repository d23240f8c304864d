using System.Text.Json;
using System.Text.Json.Nodes;

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
    TokenUsage Usage)
{
    /// <summary>Folds a run's records.</summary>
    /// <param name="records">All records of one run, in order.</param>
    /// <param name="ownerIsAlive">Whether a process still runs; <see cref="ProcessOwner.IsAlive"/> when <c>null</c>.</param>
    /// <exception cref="ArgumentException">The records do not begin with the start of a run.</exception>
    public static RunView From(IReadOnlyList<JournalRecord> records, Func<string, bool>? ownerIsAlive = null)
    {
        if (records is not [{ Event: AgentEvent.RunStarted start } first, ..])
            throw new ArgumentException("A run's records begin with its start.", nameof(records));

        var steps = new SortedDictionary<int, RunStep>();
        TokenUsage usage = default;
        (DateTimeOffset At, AgentEvent.RunFinished Event)? end = null;
        foreach (JournalRecord record in records)
        {
            if (StepOf(record.Event) is { } step) steps[step.N] = step;
            if (record.Event is AgentEvent.ModelReplied reply) usage += reply.Usage;
            if (record.Event is AgentEvent.RunFinished finished) end = (record.At, finished);
        }

        RunStatus status = Live(end?.Event.Status ?? RunStatus.Running, start.Owner, ownerIsAlive ?? ProcessOwner.IsAlive);
        return new RunView(
            first.RunId, status,
            start.Agent, start.Model, start.Task, first.At, end?.At, end?.Event.FinishReason, end?.Event.Answer, end?.Event.Error,
            [.. steps.Values.Select(step => status is RunStatus.Running ? step : WithUnknownOutcome(step))], usage);
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

    private static RunStep WithUnknownOutcome(RunStep step) => step.Ms is not null
        ? step
        : step with { OutcomeUnknown = true, Error = "The outcome is unknown: the run stopped while the tool was running." };

    private static RunStep? StepOf(AgentEvent e) => e switch
    {
        AgentEvent.ModelReplied m => new RunStep(m.Step, RunStepKind.Model, null, null, null, m.Text, null, m.Milliseconds),
        AgentEvent.ToolStarted t => new RunStep(
            t.Step, RunStepKind.Tool, t.Call.Id, t.Call.Name, t.Call.Arguments, null, null, null),
        AgentEvent.ToolCompleted t => new RunStep(
            t.Step, RunStepKind.Tool, t.Call.Id, t.Call.Name, t.Call.Arguments, t.Result, t.Error, t.Milliseconds),
        _ => null,
    };
}
