using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;

namespace AgentKit.Kernel.Runs;

/// <summary>
/// Decides on the calls a run waits for. A decision is journaled, so that any process can make it and any process can carry the run on.
/// </summary>
public static class RunDecision
{
    /// <summary>Lets a call run; one whose outcome is unknown is run again with the same key.</summary>
    /// <param name="journal">Where the run is.</param>
    /// <param name="runId">The run.</param>
    /// <param name="callId">The call, as the run's view lists it.</param>
    /// <param name="scope">How far the decision reaches.</param>
    /// <param name="cancellationToken">Cancels before the decision is written.</param>
    /// <exception cref="UserInputException">There is no such run, it is at work, or the call does not wait.</exception>
    /// <exception cref="JournalConflictException">Somebody else has appended to the run in the meantime.</exception>
    public static Task ApproveAsync(
        IJournal journal,
        string runId,
        string callId,
        ApprovalScope scope = ApprovalScope.Once,
        CancellationToken cancellationToken = default) =>
        DecideAsync(journal, runId, callId, call => [new AgentEvent.ApprovalDecided(call.Step, callId, true, scope, null)], cancellationToken);

    /// <summary>Keeps a call from running, for good; the model is told and goes on without it.</summary>
    /// <param name="journal">Where the run is.</param>
    /// <param name="runId">The run.</param>
    /// <param name="callId">The call, as the run's view lists it.</param>
    /// <param name="reason">Why, in words for the model; a plain refusal when <c>null</c>.</param>
    /// <param name="cancellationToken">Cancels before the decision is written.</param>
    /// <inheritdoc cref="ApproveAsync" path="/exception"/>
    public static Task RejectAsync(
        IJournal journal, string runId, string callId, string? reason = null, CancellationToken cancellationToken = default) =>
        DecideAsync(journal, runId, callId, call => Rejection(call, reason), cancellationToken);

    /// <summary>Settles a call whose outcome was unknown with the result it had; it is not run again.</summary>
    /// <param name="journal">Where the run is.</param>
    /// <param name="runId">The run.</param>
    /// <param name="callId">The call, as the run's view lists it.</param>
    /// <param name="result">What the tool returned, or would have, in words for the model.</param>
    /// <param name="cancellationToken">Cancels before the decision is written.</param>
    /// <inheritdoc cref="ApproveAsync" path="/exception"/>
    public static Task SettleAsync(
        IJournal journal, string runId, string callId, string result, CancellationToken cancellationToken = default) =>
        DecideAsync(
            journal,
            runId,
            callId,
            call => call.Stage is CallStage.Unknown
                ? [
                    new AgentEvent.ApprovalDecided(call.Step, callId, true, ApprovalScope.Once, "settled by hand"),
                    new AgentEvent.ToolCompleted(call.Step, call.Call, result, null, 0),
                ]
                : throw new UserInputException("CALL", $"CALL: {callId} has not run, so it has no result yet; approve or reject it."),
            cancellationToken);

    /// <summary>The events of a rejection: the decision, and what the model is told as the call's end.</summary>
    public static IReadOnlyList<AgentEvent> Rejection(CallState call, string? reason)
    {
        string told = call.Stage is CallStage.Unknown
            ? $"The outcome of this call of '{call.Call.Name}' is unknown: it was interrupted while it ran, and it was decided not to run it again."
            : $"The call of '{call.Call.Name}' was not approved.";
        if (!string.IsNullOrWhiteSpace(reason)) told += $" Reason: {reason}";
        return
        [
            new AgentEvent.ApprovalDecided(call.Step, call.Call.Id, false, ApprovalScope.Once, reason),
            new AgentEvent.ToolCompleted(call.Step, call.Call, null, told, 0, ToolFault.Rejected),
        ];
    }

    private static async Task DecideAsync(
        IJournal journal,
        string runId,
        string callId,
        Func<CallState, IReadOnlyList<AgentEvent>> decide,
        CancellationToken cancellationToken)
    {
        List<AgentEvent> events = [];
        await foreach (JournalRecord record in journal.ReadAsync(runId, cancellationToken).ConfigureAwait(false)) events.Add(record.Event);
        if (events.Count == 0) throw new UserInputException("ID", $"ID: there is no run '{runId}'.");
        var state = RunState.From(events);
        RunStatus status = RunView.Live(state.Status, state.Owner, ProcessOwner.IsAlive);
        if (status is RunStatus.Running)
            throw new UserInputException("ID", $"ID: run {runId} is at work in process {state.Owner}; decide when it waits or has stopped.");
        if (state.Calls.FirstOrDefault(call => call.Call.Id == callId) is not { Waits: true } waiting)
        {
            string[] open = [.. state.Calls.Where(call => call.Waits).Select(call => call.Call.Id)];
            string instead = open.Length == 0 ? "no call of it waits" : $"waiting: {string.Join(", ", open)}";
            throw new UserInputException("CALL", $"CALL: run {runId} has no waiting call '{callId}'; {instead}.");
        }

        await journal.AppendAsync(runId, events.Count, decide(waiting), cancellationToken).ConfigureAwait(false);
    }
}
