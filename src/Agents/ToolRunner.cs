using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentKit.Agents;

/// <summary>Runs the tool calls of one reply side by side and journals them.</summary>
internal sealed class ToolRunner
{
    private readonly AgentOptions _options;
    private readonly Dictionary<string, AIFunction> _tools = new(StringComparer.Ordinal);

    public ToolRunner(AgentOptions options)
    {
        _options = options;
        foreach (AIFunction tool in options.Tools)
        {
            if (_tools.TryAdd(tool.Name, tool)) continue;
            throw new UserInputException(
                nameof(AgentOptions.Tools), $"Two tools are named '{tool.Name}'; the model could not tell them apart.");
        }
    }

    /// <summary>Names of the tools.</summary>
    public IEnumerable<string> Names => _tools.Keys;

    /// <summary>Runs calls; those that cannot be run are answered with what the model did wrong.</summary>
    /// <param name="run">Where the intents and the results go.</param>
    /// <param name="calls">The calls, in the model's order.</param>
    /// <param name="firstStep">Step number of the first call; the others follow.</param>
    /// <param name="cancellationToken">Stops the tools; those that had started stay without result.</param>
    /// <returns>Whether at least one call was usable and did not make its tool crash.</returns>
    public async Task<bool> RunAsync(RunRecorder run, IReadOnlyList<ToolCall> calls, int firstStep, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var records = new List<AgentEvent>();
        var ready = new List<(int Step, ToolCall Call, AIFunction Tool)>();
        for (int i = 0; i < calls.Count; i++)
        {
            int step = firstStep + i;
            try
            {
                AIFunction tool = Find(calls[i]);
                ToolArguments.Check(tool, calls[i].Arguments);
                ready.Add((step, calls[i], tool));
                records.Add(new AgentEvent.ToolStarted(step, calls[i], Key(run.RunId, step, calls[i].Id)));
            }
            catch (ModelOutputException e)
            {
                records.Add(new AgentEvent.ToolCompleted(step, calls[i], Result: null, e.Message, Milliseconds: 0));
            }
        }

        await run.AppendAsync(records).ConfigureAwait(false);
        Task<bool>[] running = [.. ready.Select(r => RunAsync(run, r.Step, r.Call, r.Tool, cancellationToken))];
        bool[] usable = await Task.WhenAll(running).ConfigureAwait(false);
        return usable.Contains(true);
    }

    private async Task<bool> RunAsync(RunRecorder run, int step, ToolCall call, AIFunction tool, CancellationToken cancellationToken)
    {
        using Activity? span = Spans.ExecuteTool(tool.Name, tool.Description, call.Id);
        long started = _options.TimeProvider.GetTimestamp();
        (string? result, string? error, bool usable) = (null, null, true);
        try
        {
            // On the thread pool, because a tool may block; and not waited for after a cancellation, because it may ignore it.
            AIFunctionArguments arguments = ToolArguments.ForInvocation(tool, call.Arguments);
            Task<object?> work = Task.Run(() => tool.InvokeAsync(arguments, cancellationToken).AsTask(), cancellationToken);
            result = ToolResults.ToText(await work.WaitAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (ToolException e)
        {
            error = e.Message;
            Spans.Fail(span, e);
        }
        catch (Exception e)
        {
            // Only a ToolException speaks to the model: any other message may carry paths, addresses or secrets.
            _options.Logger.LogError(e, "Tool {Tool} failed in step {Step} of run {Run}", tool.Name, step, run.RunId);
            (error, usable) = ($"The tool '{tool.Name}' failed.", false);
            Spans.Fail(span, e);
        }

        double milliseconds = _options.TimeProvider.GetElapsedTime(started).TotalMilliseconds;
        await run.AppendAsync(new AgentEvent.ToolCompleted(step, call, result, error, milliseconds)).ConfigureAwait(false);
        return usable;
    }

    private AIFunction Find(ToolCall call)
    {
        if (_tools.TryGetValue(call.Name, out AIFunction? tool)) return tool;
        string instead = _tools.Count == 0
            ? "There are no tools; answer in text."
            : $"Available tools: {string.Join(", ", _tools.Keys)}.";
        throw new ModelOutputException($"There is no tool named '{call.Name}'. {instead}");
    }

    private static string Key(string runId, int step, string callId)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{runId}\n{step}\n{callId}")));
        return Convert.ToHexStringLower(hash.AsSpan(0, 16));
    }
}
