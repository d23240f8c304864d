using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentKit.Agents;

/// <summary>
/// Brings the tool calls of one reply to their ends, side by side: those that are new, those a person has decided on, and those that were
/// interrupted. A call that waits for a decision holds up no other.
/// </summary>
internal sealed class ToolRunner(AgentOptions options, ToolSet tools) : IToolRunner
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> RunAsync(RunRecorder run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var work = new Work(run, [], [], [], cancellationToken);

        // What can be said at once about all calls goes into one append: it costs one wait for the disk, however many calls there are.
        foreach (CallState call in run.State.Calls)
        {
            switch (call.Stage)
            {
                case CallStage.Open or CallStage.Approved:
                    Begin(work, call);
                    break;
                case CallStage.Started:
                    work.Tasks.Add(() => RecoverAsync(work, call));
                    break;
                case CallStage.AwaitsApproval or CallStage.Unknown:
                    work.Tasks.Add(() => AskAsync(work, call));
                    break;
            }
        }

        await run.AppendAsync(work.Records).ConfigureAwait(false);
        await Task.WhenAll(work.Tasks.Select(task => task())).ConfigureAwait(false);
        return [.. work.WaitsFor];
    }

    /// <summary>A call that has not begun: refused, asked about, or its intent recorded and started.</summary>
    private void Begin(Work work, CallState call)
    {
        AIFunction tool;
        try
        {
            tool = tools.Check(call.Call);
        }
        catch (ModelOutputException e)
        {
            work.Records.Add(new AgentEvent.ToolCompleted(call.Step, call.Call, null, e.Message, 0, ToolFault.Model));
            return;
        }

        ToolContract contract = ToolContract.Of(tool);
        bool granted = call.Stage is CallStage.Approved || work.Run.State.IsGranted(contract.Server, tool.Name);
        switch (granted ? ApprovalAnswer.Allow : options.Policy.For(tool))
        {
            case ApprovalAnswer.Allow:
                work.Records.Add(Intent(work.Run, call, contract));
                work.Tasks.Add(() => InvokeAsync(work, call, tool));
                break;
            case ApprovalAnswer.Ask when options.Approver is not null:
                work.Records.Add(new AgentEvent.ApprovalRequested(call.Step, call.Call, contract.Server, contract.SideEffect));
                work.Tasks.Add(() => AskAsync(work, call));
                break;
            case ApprovalAnswer.Ask:
                work.Records.AddRange(RunDecision.Rejection(call, "it changes something, and nobody can be asked here"));
                options.Logger.LogWarning(
                    "Tool {Tool} was not run: it needs an approval, and AgentOptions has neither an Approver nor a rule that allows it", tool.Name);
                break;
            default:
                work.Records.AddRange(RunDecision.Rejection(call, "a rule forbids it"));
                break;
        }
    }

    /// <summary>A call that waits for a decision: whoever decides here is asked, and may leave it waiting.</summary>
    private async Task AskAsync(Work work, CallState call)
    {
        if (options.Approver is null || tools.Find(call.Call.Name) is not { } tool) return;
        ToolContract contract = ToolContract.Of(tool);
        var request = new ApprovalRequest(
            work.Run.RunId, call.Call, contract.Server, contract.SideEffect, call.Stage is CallStage.Unknown);
        ApprovalReply reply = await options.Approver(request, work.Stop).ConfigureAwait(false);
        if (reply.Approved is null) return;
        if (reply.Approved is false)
        {
            await work.Run.AppendAsync(RunDecision.Rejection(call, reply.Reason)).ConfigureAwait(false);
            return;
        }

        await work.Run.AppendAsync(
            new AgentEvent.ApprovalDecided(call.Step, call.Call.Id, true, reply.Scope, reply.Reason),
            Intent(work.Run, call, contract)).ConfigureAwait(false);
        await InvokeAsync(work, call, tool).ConfigureAwait(false);
    }

    /// <summary>
    /// A call with an intent and no result: the process ended while it ran. What may be done about it is what the tool declared when it
    /// was started, and not more than it declares now.
    /// </summary>
    private async Task RecoverAsync(Work work, CallState call)
    {
        AIFunction? tool = tools.Find(call.Call.Name);
        ToolContract contract = tool is null ? ToolContract.Undeclared : ToolContract.Of(tool);
        ToolReplay replay = call.Replay > contract.Replay ? call.Replay : contract.Replay;
        if (tool is not null && replay is ToolReplay.Pure or ToolReplay.Idempotent)
        {
            await InvokeAsync(work, call, tool!).ConfigureAwait(false);
            return;
        }

        ToolVerdict verdict = replay is ToolReplay.Verifiable ? await VerifyAsync(work, call, tool!, contract).ConfigureAwait(false) : ToolVerdict.CannotTell;
        if (verdict.TookEffect is true)
        {
            await work.Run.AppendAsync(new AgentEvent.ToolCompleted(call.Step, call.Call, verdict.Result, null, 0)).ConfigureAwait(false);
        }
        else if (verdict.TookEffect is false)
        {
            await InvokeAsync(work, call, tool!).ConfigureAwait(false);
        }
        else
        {
            string reason = tool is null ? "The tool is not there any more." : "The tool cannot say whether it took effect.";
            await work.Run.AppendAsync(new AgentEvent.ToolOutcomeUnknown(call.Step, call.Call, reason)).ConfigureAwait(false);
            await AskAsync(work, call with { Stage = CallStage.Unknown }).ConfigureAwait(false);
        }
    }

    private async Task<ToolVerdict> VerifyAsync(Work work, CallState call, AIFunction tool, ToolContract contract)
    {
        if (contract.Verifier is null) return ToolVerdict.CannotTell;
        try
        {
            string key = ToolCallKey.Of(work.Run.RunId, call.Step, call.Call.Id);
            return await contract.Verifier(key, ToolArguments.ForInvocation(tool, call.Call.Arguments, key), work.Stop).ConfigureAwait(false);
        }
        catch (Exception e) when (!work.Stop.IsCancellationRequested)
        {
            options.Logger.LogError(e, "Tool {Tool} failed to verify step {Step} of run {Run}", tool.Name, call.Step, work.Run.RunId);
            return ToolVerdict.CannotTell;
        }
    }

    private async Task InvokeAsync(Work work, CallState call, AIFunction tool)
    {
        using Activity? span = Spans.ExecuteTool(tool.Name, tool.Description, call.Call.Id);
        long started = options.TimeProvider.GetTimestamp();
        (string? result, string? error, ToolFault? fault, JsonElement? data) = (null, null, null, null);
        try
        {
            // On the thread pool, because a tool may block; and not waited for after a cancellation, because it may ignore it.
            string key = ToolCallKey.Of(work.Run.RunId, call.Step, call.Call.Id);
            AIFunctionArguments arguments = ToolArguments.ForInvocation(tool, call.Call.Arguments, key);
            Task<object?> running = Task.Run(() => tool.InvokeAsync(arguments, work.Stop).AsTask(), work.Stop);
            object? returned = await running.WaitAsync(work.Stop).ConfigureAwait(false);
            (result, data) = (ToolResults.ToText(returned), (returned as ToolOutput)?.Data);
        }
        catch (OperationCanceledException) when (work.Stop.IsCancellationRequested)
        {
            throw;
        }
        catch (ToolWaitsException e)
        {
            work.WaitsFor.Add(e.RunId);
            return;
        }
        catch (ToolException e)
        {
            error = e.Message;
            Spans.Fail(span, e);
        }
        catch (Exception e)
        {
            // Only a ToolException speaks to the model: any other message may carry paths, addresses or secrets.
            options.Logger.LogError(e, "Tool {Tool} failed in step {Step} of run {Run}", tool.Name, call.Step, work.Run.RunId);
            (error, fault) = ($"The tool '{tool.Name}' failed.", ToolFault.Tool);
            Spans.Fail(span, e);
        }

        TimeSpan took = options.TimeProvider.GetElapsedTime(started);
        Metrics.ToolDuration(tool.Name, took, error is not null);
        var done = new AgentEvent.ToolCompleted(call.Step, call.Call, result, error, took.TotalMilliseconds, fault, data);
        if (tool is HandoffTool handoff && error is null) await work.Run.AppendAsync(done, handoff.Event(call.Step)).ConfigureAwait(false);
        else await work.Run.AppendAsync(done).ConfigureAwait(false);
    }

    private static AgentEvent.ToolStarted Intent(RunRecorder run, CallState call, ToolContract contract) =>
        new(call.Step, call.Call, ToolCallKey.Of(run.RunId, call.Step, call.Call.Id), contract.Replay);

    /// <summary>One round: what to journal first, what to do then, and which other runs turn out to be waited for.</summary>
    private sealed record Work(
        RunRecorder Run, List<AgentEvent> Records, List<Func<Task>> Tasks, ConcurrentBag<string> WaitsFor, CancellationToken Stop);
}
