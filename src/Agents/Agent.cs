using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>
/// A model that works on tasks with tools. Every run is an actor of its own and is journaled step by step, so many runs go on at once and a
/// crash loses no finished step.
/// </summary>
public sealed class Agent : IAsyncDisposable
{
    private readonly AgentOptions _options;
    private readonly AgentLoop _loop;
    private readonly ActorSystem _actors;
    private readonly RunIdSource _ids;
    private readonly CancellationTokenSource _disposing = new();
    private readonly ConcurrentDictionary<Task, bool> _running = new();

    /// <summary>Makes an agent.</summary>
    /// <param name="model">The model; stays the caller's to dispose.</param>
    /// <param name="options">Tools, instructions, limits; defaults when <c>null</c>.</param>
    /// <exception cref="UserInputException">Two tools have the same name.</exception>
    public Agent(IChatClient model, AgentOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _options = options ?? new AgentOptions();
        Journal = _options.Journal ?? new InMemoryJournal(_options.TimeProvider);
        _loop = new AgentLoop(model, _options);
        _ids = new RunIdSource(_options.TimeProvider, _options.Seed);
        _actors = _options.ActorSystem
            ?? new ActorSystem(new ActorSystemOptions { TimeProvider = _options.TimeProvider, Logger = _options.Logger });
        _actors.TryRegister(RunActor.Kind, _ => new RunActor());
    }

    /// <summary>The agent's name.</summary>
    public string Name => _options.Name;

    /// <summary>Where the runs are recorded.</summary>
    public IJournal Journal { get; }

    /// <summary>An id for a run, for callers who want to know it before the run begins.</summary>
    public string NewRunId() => _ids.Next();

    /// <summary>Works on a task until it is answered or a limit is reached. Safe to call many times at once.</summary>
    /// <param name="task">What to do.</param>
    /// <param name="runId">Id of the run, from <see cref="NewRunId"/>; a new one when <c>null</c>.</param>
    /// <param name="cancellationToken">Stops the model and the tools; the run is journaled as cancelled.</param>
    /// <returns>The answer, or why there is none: a failing model and a reached limit are results, not exceptions.</returns>
    /// <exception cref="UserInputException">
    /// The task is empty, or the model refuses the input, for instance because it does not fit.
    /// </exception>
    /// <exception cref="JournalConflictException">A run with this id exists.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled, or the agent was disposed.</exception>
    public Task<AgentResult> RunAsync(string task, string? runId = null, CancellationToken cancellationToken = default) =>
        StartAsync(task, runId, static _ => { }, cancellationToken);

    /// <summary>As <see cref="RunAsync"/>, showing what happens while it happens. Leaving the enumeration early cancels the run.</summary>
    /// <returns>
    /// The journaled events in order, and between them the answer's text as it forms. The last event is
    /// <see cref="AgentEvent.RunFinished"/>.
    /// </returns>
    /// <inheritdoc cref="RunAsync" path="/param|/exception"/>
    public async IAsyncEnumerable<AgentEvent> RunStreamingAsync(
        string task, string? runId = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var events = Channel.CreateUnbounded<AgentEvent>(new UnboundedChannelOptions { SingleReader = true });
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<AgentResult> run = FillAsync();
        try
        {
            await foreach (AgentEvent e in events.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false)) yield return e;
            await run.ConfigureAwait(false);
        }
        finally
        {
            await left.CancelAsync().ConfigureAwait(false);
            await ((Task)run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<AgentResult> FillAsync()
        {
            try
            {
                return await StartAsync(task, runId, e => events.Writer.TryWrite(e), left.Token).ConfigureAwait(false);
            }
            finally
            {
                events.Writer.Complete();
            }
        }
    }

    /// <summary>Cancels the runs in work and waits until they are journaled as cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_options.ActorSystem is null) await _actors.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<AgentResult> StartAsync(
        string task, string? runId, Action<AgentEvent> publish, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
        if (string.IsNullOrWhiteSpace(task)) throw new UserInputException("task", "The task is empty; say what the agent is to do.");
        cancellationToken.ThrowIfCancellationRequested();

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        string id = runId ?? NewRunId();
        var recorder = new RunRecorder(Journal, id, publish);
        var request = new RunRequest(_loop, recorder, task, ExecutionContext.Capture(), stop.Token);

        // The ask itself is not cancelled: it ends when the run has been journaled as cancelled.
        Task<AgentResult> run = _actors.AskAsync<AgentResult>(new ActorId(RunActor.Kind, id), request, CancellationToken.None);
        _running[run] = true;
        try
        {
            return await run.ConfigureAwait(false);
        }
        finally
        {
            _running.TryRemove(run, out _);
        }
    }
}
