using System.Diagnostics;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentKit.Agents;

/// <summary>
/// The agent loop: asks the model, runs the tools it wants, and asks again, until it answers, a limit is reached or somebody has to decide.
/// It keeps nothing of its own: what comes next follows from the run's journal, in a new run as in one that is taken up after a crash.
/// </summary>
internal sealed class AgentLoop(AgentOptions options, Team team)
{
    /// <summary>Works on a run from its start, or from where it stood, to its recorded end.</summary>
    /// <param name="run">The run as journaled so far.</param>
    /// <param name="begin">How it begins or goes on.</param>
    /// <param name="cancel">Ends the run as cancelled.</param>
    /// <param name="release">Lets go of the run, so that another process can take it up.</param>
    public async Task<AgentResult> RunAsync(RunRecorder run, AgentEvent begin, CancellationToken cancel, CancellationToken release)
    {
        using Activity? span = Spans.InvokeAgent(options.Name, team.First.Model.Provider, team.First.Model.Name, run.RunId);
        using var deadline = new CancellationTokenSource(options.MaxDuration ?? Timeout.InfiniteTimeSpan, options.TimeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, release, deadline.Token);

        // When the process ends in good order, tools in work may finish: a recorded result is better than an unknown outcome.
        using var grace = new CancellationTokenSource(Timeout.InfiniteTimeSpan, options.TimeProvider);
        using CancellationTokenRegistration ending = release.Register(() => grace.CancelAfter(options.DrainTimeout));
        using var toolStop = CancellationTokenSource.CreateLinkedTokenSource(cancel, grace.Token, deadline.Token);
        long started = options.TimeProvider.GetTimestamp();
        stop.Token.ThrowIfCancellationRequested();
        await run.AppendAsync(begin).ConfigureAwait(false);
        try
        {
            AgentEvent end = await WorkAsync(run, stop.Token, toolStop.Token).ConfigureAwait(false);
            return await EndAsync(run, end, span, started).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancel.IsCancellationRequested && !release.IsCancellationRequested)
        {
            AgentEvent end = Failed(FinishReasons.TimeLimit, $"Not done after {options.MaxDuration} (MaxDuration).");
            return await EndAsync(run, end, span, started).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Spans.Fail(span, e);
            await RecordFailureAsync(run, e, cancel, release).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The loop.</summary>
    private async Task<AgentEvent> WorkAsync(RunRecorder run, CancellationToken stop, CancellationToken toolStop)
    {
        for (;;)
        {
            stop.ThrowIfCancellationRequested();
            RunState state = run.State;
            TeamMember member = team.Current(state);

            // 1. Stop: at an answer, or at a limit. A reply at the limit may not call tools any more: an effect whose result nobody will
            //    look at is not worth having.
            if (state.Reply is { Calls.Count: 0 } answer)
            {
                AgentEvent end = Answers.Conclude(answer, state.Start!.AnswerSchema);
                if (end is not AgentEvent.AnswerRejected) return end;
                await run.AppendAsync(end).ConfigureAwait(false);
                continue;
            }

            if (Limit(state) is { } limit) return limit;

            // 2. Run the tools the last reply asked for, side by side. Each intent is journaled before it starts, each call together with
            //    its result as soon as it ends. Calls that wait for a decision hold up the run, not each other.
            if (!state.AllDone)
            {
                IReadOnlyList<string> runs = await member.Runner.RunAsync(run, toolStop).ConfigureAwait(false);
                if (!state.AllDone) return new AgentEvent.RunWaiting([.. state.Calls.Where(c => c.Waits).Select(c => c.Call.Id)], runs);
                continue;
            }

            // 3. Assemble the context from what is journaled: a call without its result cannot get into it. What is too long is shortened
            //    by the agent's policy, and that is journaled too.
            List<ChatMessage>? context = await member.Context.AssembleAsync(run, stop).ConfigureAwait(false);
            if (context is null) return Failed(FinishReasons.ContextLimit, member.Context.Explain(run));

            // 4. Call the model.
            int step = state.LastStep + 1;
            AgentEvent.ModelReplied reply;
            try
            {
                reply = await member.Model.CallAsync(run, context, step, stop).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not UserInputException && !(e is OperationCanceledException && stop.IsCancellationRequested))
            {
                // A model that cancels itself, as HTTP clients do after a timeout, has failed too.
                options.Logger.LogError(e, "The model failed in step {Step} of run {Run}", step, run.RunId);
                return Failed(FinishReasons.Error, $"The model failed: {e.Message}");
            }

            // 5. Journal the reply before anything is done about it, in one append with the intents of its calls or with the run's end: it is
            //    never asked for again.
            run.Hold(reply);
        }
    }

    private AgentEvent.RunFinished? Limit(RunState state)
    {
        if (state.Rounds >= options.MaxSteps) return Failed(FinishReasons.StepLimit, $"No answer after {state.Rounds} model steps (MaxSteps).");
        long tokens = state.Usage.InputTokens + state.Usage.OutputTokens;
        if (tokens >= options.MaxTokens) return Failed(FinishReasons.TokenLimit, $"No answer after {tokens} tokens (MaxTokens).");
        if (state.FailedRounds >= options.MaxConsecutiveErrors)
        {
            return Failed(
                FinishReasons.ErrorLimit, $"Nothing the model did in {state.FailedRounds} rounds in a row was usable (MaxConsecutiveErrors).");
        }

        return state.AllDone && state.Repeats >= options.MaxRepeats
            ? Failed(FinishReasons.RepeatLimit, $"The same tool calls had the same results {state.Repeats} times in a row (MaxRepeats).")
            : null;
    }

    private async Task<AgentResult> EndAsync(RunRecorder run, AgentEvent end, Activity? span, long started)
    {
        await run.AppendAsync(end).ConfigureAwait(false);
        var result = new AgentResult(await run.ViewAsync().ConfigureAwait(false));
        string? failure = end is AgentEvent.RunFinished { Status: RunStatus.Failed } failed ? failed.FinishReason : null;
        Spans.End(span, result.Usage, failure);
        Metrics.AgentDuration(options.Name, options.TimeProvider.GetElapsedTime(started), failure);
        return result;
    }

    private static AgentEvent.RunFinished Failed(string reason, string error) => new(RunStatus.Failed, null, reason, error);

    private async Task RecordFailureAsync(RunRecorder run, Exception error, CancellationToken cancel, CancellationToken release)
    {
        // Another process has taken the run over; what becomes of it is no longer this one's to say.
        if (error is JournalConflictException) return;
        bool cancelled = error is OperationCanceledException;
        AgentEvent end = cancelled && cancel.IsCancellationRequested ? Failed(FinishReasons.Cancelled, "The run was cancelled.")
            : cancelled && release.IsCancellationRequested ? new AgentEvent.RunInterrupted()
            : Failed(FinishReasons.Error, error.Message);
        try
        {
            await run.AppendAsync(end).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The first failure is the one to report; when the journal itself is the cause, its record has to do without this end.
            options.Logger.LogError(e, "The end of run {Run} could not be journaled", run.RunId);
        }
    }
}
