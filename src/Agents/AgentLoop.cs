using System.Diagnostics;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentKit.Agents;

/// <summary>The agent loop: asks the model, runs the tools it wants, and asks again, until it answers or a limit is reached.</summary>
internal sealed class AgentLoop
{
    private readonly AgentOptions _options;
    private readonly ModelCaller _model;
    private readonly ToolRunner _tools;

    public AgentLoop(IChatClient model, AgentOptions options)
    {
        _options = options;
        _model = new ModelCaller(model, options);
        _tools = new ToolRunner(options);
    }

    /// <summary>Works on a task from its start to its recorded end.</summary>
    public async Task<AgentResult> RunAsync(RunRecorder run, string task, CancellationToken cancellationToken)
    {
        using Activity? span = Spans.InvokeAgent(_options.Name, _model.Provider, _model.Name, run.RunId);
        cancellationToken.ThrowIfCancellationRequested();
        await run.AppendAsync(new AgentEvent.RunStarted(
            _options.Name, _model.Name, task, _options.Instructions, [.. _tools.Names], ProcessOwner.Current)).ConfigureAwait(false);
        try
        {
            AgentEvent.RunFinished end = await WorkAsync(run, cancellationToken).ConfigureAwait(false);
            await run.AppendAsync(end).ConfigureAwait(false);
            var result = new AgentResult(await run.ViewAsync().ConfigureAwait(false));
            Spans.End(span, result.Usage, end.Status is RunStatus.Failed ? end.FinishReason : null);
            return result;
        }
        catch (Exception e)
        {
            Spans.Fail(span, e);
            string reason = IsCancellation(e, cancellationToken) ? FinishReasons.Cancelled : FinishReasons.Error;
            await RecordFailureAsync(run, e, reason).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The loop.</summary>
    private async Task<AgentEvent.RunFinished> WorkAsync(RunRecorder run, CancellationToken cancellationToken)
    {
        int step = 0, errors = 0;
        for (int round = 1; ; round++)
        {
            // 1. Assemble the context from what is journaled: a call without its result cannot get into it.
            List<ChatMessage> context = ChatHistory.From(run.Events);

            // 2. Call the model.
            AgentEvent.ModelReplied reply;
            try
            {
                reply = await _model.CallAsync(run, context, ++step, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not UserInputException && !IsCancellation(e, cancellationToken))
            {
                _options.Logger.LogError(e, "The model failed in step {Step} of run {Run}", step, run.RunId);
                return Failed(FinishReasons.Error, $"The model failed: {e.Message}");
            }

            // 3. Journal the reply before anything is done about it: it is never asked for again.
            await run.AppendAsync(reply).ConfigureAwait(false);
            if (reply.Calls.Count == 0) return Conclude(reply);

            // The last reply may not call tools: an effect whose result nobody will look at is not worth having.
            if (round == _options.MaxSteps)
                return Failed(FinishReasons.StepLimit, $"No answer after {round} model steps (MaxSteps).");

            // 4. Run the tools side by side, each one's intent journaled before it starts.
            // 5. Journal every call together with its result as soon as it ends.
            bool usable = await _tools.RunAsync(run, reply.Calls, step + 1, cancellationToken).ConfigureAwait(false);
            step += reply.Calls.Count;

            // 6. Stop when the model only makes mistakes; otherwise it sees the results in the next round.
            errors = usable ? 0 : errors + 1;
            if (errors >= _options.MaxConsecutiveErrors)
                return Failed(FinishReasons.ErrorLimit, $"Every tool call of {errors} rounds in a row failed (MaxConsecutiveErrors).");
        }
    }

    /// <summary>Whether the caller cancelled; a model that cancels itself, as HTTP clients do after a timeout, has failed.</summary>
    private static bool IsCancellation(Exception e, CancellationToken cancellationToken) =>
        e is OperationCanceledException && cancellationToken.IsCancellationRequested;

    private static AgentEvent.RunFinished Conclude(AgentEvent.ModelReplied reply)
    {
        string? text = reply.Text.Length > 0 ? reply.Text : null;
        if (reply.FinishReason == ChatFinishReason.Length.Value)
            return Failed(FinishReasons.Length, "The model's answer was cut off at its output token limit.", text);
        if (reply.FinishReason == ChatFinishReason.ContentFilter.Value)
            return Failed(FinishReasons.Error, "The model's answer was withheld by its content filter.", text);
        return string.IsNullOrWhiteSpace(text)
            ? Failed(FinishReasons.Empty, "The model gave neither text nor a tool call.")
            : new AgentEvent.RunFinished(RunStatus.Completed, text, FinishReasons.Answered, Error: null);
    }

    private static AgentEvent.RunFinished Failed(string reason, string error, string? answer = null) =>
        new(RunStatus.Failed, answer, reason, error);

    private async Task RecordFailureAsync(RunRecorder run, Exception error, string reason)
    {
        try
        {
            string message = reason is FinishReasons.Cancelled ? "The run was cancelled." : error.Message;
            await run.AppendAsync(Failed(reason, message)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The first failure is the one to report; when the journal itself is the cause, its record has to do without this end.
            _options.Logger.LogError(e, "The end of run {Run} could not be journaled", run.RunId);
        }
    }
}
