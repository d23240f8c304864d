using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using AgentKit.Agents;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Tools.Mcp.Serving;
using ModelContextProtocol.Protocol;

namespace AgentKit.Server.Offers;

/// <summary>
/// Tasks that are journaled runs. Everything a client is told comes from the journal, so a task survives its connection and its process; one
/// whose process has died goes on when it is asked for. An id names the run and is signed for the user who began it.
/// </summary>
internal sealed class RunTasks(AgentOffer offer) : McpTasks
{
    private const int SignatureBytes = 16;

    private readonly ConcurrentDictionary<string, CancellationTokenSource> _working = new(StringComparer.Ordinal);

    public override async ValueTask<McpTask> StartAsync(McpTaskStart start, CancellationToken cancellationToken)
    {
        string task = start.Arguments["task"].GetString()!;
        if (string.IsNullOrWhiteSpace(task)) throw new ToolException("argument 'task' is empty; say what the agent is to do");
        Agent agent = await OpenAsync(cancellationToken).ConfigureAwait(false);
        string id = agent.NewRunId();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work(id, stop => agent.RunStreamingAsync(task, id, stop), begun);
        await begun.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return await FindAsync(IdOf(id, start.User), start.User, cancellationToken).ConfigureAwait(false)
            ?? throw new ToolException("the run could not begin");
    }

    public override async ValueTask<McpTask?> FindAsync(string id, string? user, CancellationToken cancellationToken)
    {
        if (await LoadAsync(id, user, cancellationToken).ConfigureAwait(false) is not { } run) return null;
        bool stands = run.Status is RunStatus.Interrupted || run is { Status: RunStatus.Waiting, Waiting.Count: 0, WaitingRuns.Count: 0 };
        if (stands && !_working.ContainsKey(run.RunId)) await GoOnAsync(run.RunId, cancellationToken).ConfigureAwait(false);
        return View(id, run);
    }

    public override async ValueTask AnswerAsync(
        string id, string? user, IReadOnlyDictionary<string, InputResponse> answers, CancellationToken cancellationToken)
    {
        if (await LoadAsync(id, user, cancellationToken).ConfigureAwait(false) is not { Status: RunStatus.Waiting } run) return;
        int decided = await AskAgent.DecideAsync(offer, run, key => McpAnswer.Read(answers.GetValueOrDefault(key)?.RawValue), cancellationToken).ConfigureAwait(false);
        if (decided == run.Waiting.Count) await GoOnAsync(run.RunId, cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask CancelAsync(string id, string? user, CancellationToken cancellationToken)
    {
        if (await LoadAsync(id, user, cancellationToken).ConfigureAwait(false) is not { } run) return;
        if (_working.TryGetValue(run.RunId, out CancellationTokenSource? working))
        {
            await working.CancelAsync().ConfigureAwait(false);
            return;
        }

        if (run.Status is not (RunStatus.Waiting or RunStatus.Interrupted)) return;
        long version = await offer.Journal.ReadAsync(run.RunId, cancellationToken).LongCountAsync(cancellationToken).ConfigureAwait(false);
        var end = new AgentEvent.RunFinished(RunStatus.Failed, null, FinishReasons.Cancelled, "The client cancelled the task.");
        await offer.Journal.AppendAsync(run.RunId, version, [end], cancellationToken).ConfigureAwait(false);
    }

    private async Task GoOnAsync(string runId, CancellationToken cancellationToken)
    {
        Agent agent = await OpenAsync(cancellationToken).ConfigureAwait(false);
        Work(runId, stop => agent.ResumeStreamingAsync(runId, stop), new TaskCompletionSource());
    }

    private async Task<Agent> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await offer.OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (UserInputException e)
        {
            throw new ToolException(e.Message, e);
        }
    }

    /// <summary>Works on a run without anybody waiting for it; how it ends is in the journal.</summary>
    private void Work(string runId, Func<CancellationToken, IAsyncEnumerable<AgentEvent>> events, TaskCompletionSource begun)
    {
        var cancel = new CancellationTokenSource();
        if (!_working.TryAdd(runId, cancel))
        {
            cancel.Dispose();
            return;
        }

        using (ExecutionContext.SuppressFlow()) _ = Task.Run(FollowAsync, CancellationToken.None);

        async Task FollowAsync()
        {
            try
            {
                await foreach (AgentEvent e in events(cancel.Token).ConfigureAwait(false)) begun.TrySetResult();
            }
            catch (Exception e) when (e is UserInputException or JournalConflictException)
            {
                begun.TrySetException(new ToolException(e.Message, e));
            }
            catch (OperationCanceledException)
            {
                begun.TrySetException(new ToolException("the server is stopping"));
            }
            finally
            {
                _working.TryRemove(runId, out _);
                begun.TrySetException(new ToolException("the run ended before it began"));
                // A cancellation that has just found the source may still use it; it holds nothing that must be given back.
            }
        }
    }

    private async Task<RunView?> LoadAsync(string id, string? user, CancellationToken cancellationToken)
    {
        int dot = id.LastIndexOf('.');
        if (dot <= 0 || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(id), Encoding.UTF8.GetBytes(IdOf(id[..dot], user)))) return null;
        return await RunView.LoadAsync(offer.Journal, id[..dot], cancellationToken).ConfigureAwait(false);
    }

    private string IdOf(string runId, string? user)
    {
        byte[] signature = HMACSHA256.HashData(offer.Key, Encoding.UTF8.GetBytes($"task|{user}|{runId}"));
        return $"{runId}.{Convert.ToHexStringLower(signature.AsSpan(0, SignatureBytes))}";
    }

    private McpTask View(string id, RunView run)
    {
        McpTaskStatus status = run.Status switch
        {
            RunStatus.Waiting when run.Waiting.Count > 0 => McpTaskStatus.InputRequired,
            RunStatus.Running or RunStatus.Interrupted or RunStatus.Waiting => McpTaskStatus.Working,
            RunStatus.Failed when run.FinishReason == FinishReasons.Cancelled => McpTaskStatus.Cancelled,
            _ => McpTaskStatus.Completed,
        };
        return new McpTask(id, status, run.Started, run.Finished ?? run.Started)
        {
            Message = run.Steps.Count > 0 && status is McpTaskStatus.Working ? $"step {run.Steps[^1].N}: {run.Steps[^1].Name ?? "model"}" : null,
            Result = status is McpTaskStatus.Completed ? AskAgent.Describe(offer, run) : null,
            Questions = status is McpTaskStatus.InputRequired ? AskAgent.Questions(run) : new Dictionary<string, InputRequest>(),
        };
    }
}
