using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentKit.Agents;

/// <summary>
/// A model that works on tasks with tools. Every run is an actor of its own and is journaled step by step, so many runs go on at once, a
/// crash loses no finished step, and a run that was interrupted goes on where it stood.
/// </summary>
public sealed class Agent : IAsyncDisposable
{
    /// <summary>Runs that are taken up at the same time when an agent starts.</summary>
    private const int MostRecoveredAtOnce = 64;

    private readonly AgentLoop _loop;
    private readonly Team _team;
    private readonly ActorSystem _actors;
    private readonly RunIdSource _ids;
    private readonly CancellationTokenSource _disposing = new();
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly Lazy<Task> _recovery;
    private readonly Lazy<IReadOnlyDictionary<string, int>?> _toolTokens;

    /// <summary>Makes an agent.</summary>
    /// <param name="model">The model; stays the caller's to dispose.</param>
    /// <param name="options">Tools, instructions, limits; defaults when <c>null</c>.</param>
    /// <exception cref="UserInputException">Two tools, or two agents of the team, have the same name.</exception>
    public Agent(IChatClient model, AgentOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        Options = options ?? new AgentOptions();
        Journal = Options.Journal ?? new InMemoryJournal(Options.TimeProvider);
        _team = new Team(model, Options);
        _loop = new AgentLoop(Options, _team);
        _ids = new RunIdSource(Options.TimeProvider, Options.Seed);
        _actors = Options.ActorSystem
            ?? new ActorSystem(new ActorSystemOptions { TimeProvider = Options.TimeProvider, Logger = Options.Logger });
        _actors.TryRegister(RunActor.Kind, _ => new RunActor());
        bool recovers = Options.RecoverAtStart && Options.Journal is not null;
        _toolTokens = new Lazy<IReadOnlyDictionary<string, int>?>(CountToolTokens);
        _recovery = new Lazy<Task>(() => recovers ? Task.Run(RecoverQuietlyAsync) : Task.CompletedTask);
    }

    /// <summary>The agent's name.</summary>
    public string Name => Options.Name;

    /// <summary>Where the runs are recorded.</summary>
    public IJournal Journal { get; }

    /// <summary>
    /// Tokens that each tool's schema takes in every prompt, by name, see <see cref="Kernel.Tools.ToolTokens"/>. Every run records them.
    /// </summary>
    /// <value><c>null</c> when the model does not count tokens (<see cref="Kernel.ITokenCounter"/>).</value>
    public IReadOnlyDictionary<string, int>? ToolTokens => _toolTokens.Value;

    internal IChatClient Model { get; }

    internal AgentOptions Options { get; }

    /// <summary>An id for a run, for callers who want to know it before the run begins.</summary>
    public string NewRunId() => _ids.Next();

    /// <summary>Works on a task until it is answered, a limit is reached, or somebody has to decide. Safe to call many times at once.</summary>
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
    /// <see cref="AgentEvent.RunFinished"/> or <see cref="AgentEvent.RunWaiting"/>.
    /// </returns>
    /// <inheritdoc cref="RunAsync" path="/param|/exception"/>
    public IAsyncEnumerable<AgentEvent> RunStreamingAsync(
        string task, string? runId = null, CancellationToken cancellationToken = default) =>
        StreamAsync((publish, stop) => StartAsync(task, runId, publish, stop), cancellationToken);

    /// <summary>
    /// Takes a run up where its journal ends: after a crash, after a decision, or after it failed or was cancelled. Results that are
    /// recorded are used, the model is not asked again for what it has said, and calls that were interrupted are handled as their tools
    /// declare.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the model and the tools; the run is journaled as cancelled.</param>
    /// <returns>How the run ended, or what it waits for. A completed run is returned as it is.</returns>
    /// <exception cref="UserInputException">There is no such run, or a living process works on it.</exception>
    /// <exception cref="JournalConflictException">Another process has taken it up at the same moment.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled, or the agent was disposed.</exception>
    public Task<AgentResult> ResumeAsync(string runId, CancellationToken cancellationToken = default) =>
        TakeUpAsync(runId, static _ => { }, cancellationToken);

    /// <summary>As <see cref="ResumeAsync"/>, showing what happens from now on while it happens.</summary>
    /// <returns>The events that are new; none for a run that was completed before.</returns>
    /// <inheritdoc cref="ResumeAsync" path="/param|/exception"/>
    public IAsyncEnumerable<AgentEvent> ResumeStreamingAsync(string runId, CancellationToken cancellationToken = default) =>
        StreamAsync((publish, stop) => TakeUpAsync(runId, publish, stop), cancellationToken);

    /// <summary>
    /// Takes up every run of this agent that was interrupted: the process that worked on it has died or let go of it. Runs that wait for a
    /// decision stay as they are.
    /// </summary>
    /// <param name="cancellationToken">Stops the runs; they are journaled as cancelled.</param>
    /// <returns>How those runs went that no other process took up first.</returns>
    public async Task<IReadOnlyList<AgentResult>> RecoverAsync(CancellationToken cancellationToken = default)
    {
        var results = new ConcurrentBag<AgentResult>();
        IAsyncEnumerable<RunSummary> interrupted = Journal.ListAsync(unfinishedOnly: true, cancellationToken)
            .Where(run => run.Status is RunStatus.Interrupted && run.Agent == Name);
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = MostRecoveredAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(interrupted, atOnce, async (run, stop) =>
        {
            try
            {
                results.Add(await ResumeAsync(run.RunId, stop).ConfigureAwait(false));
            }
            catch (Exception e) when (e is JournalConflictException or UserInputException)
            {
                // Another process was quicker, or the run cannot go on here; the others can.
                Options.Logger.LogWarning(e, "Run {Run} was not taken up", run.RunId);
            }
        }).ConfigureAwait(false);
        return [.. results.OrderBy(result => result.RunId, StringComparer.Ordinal)];
    }

    /// <summary>
    /// This agent as a tool for another one, with one argument: the task. The run it makes survives a crash together with its caller's,
    /// when both agents have a journal that does.
    /// </summary>
    /// <param name="description">What the agent is good for, for the model that calls it; <see cref="AgentOptions.Description"/> when <c>null</c>.</param>
    /// <param name="name">The tool's name; the agent's when <c>null</c>.</param>
    public AIFunction AsTool(string? description = null, string? name = null) =>
        new AgentTool(this, name ?? Name, description ?? Options.Description ?? $"Give a task to the agent '{Name}'.", Options.Journal is not null);

    /// <summary>
    /// Lets go of the runs in work: models are stopped, tools may finish within <see cref="AgentOptions.DrainTimeout"/>. The runs stay
    /// resumable.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync().ConfigureAwait(false);
        if (_recovery.IsValueCreated) await _recovery.Value.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_running.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Options.ActorSystem is null) await _actors.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Works on a task under a given id, or takes the run of that id up if there is one.</summary>
    internal async Task<AgentResult> RunOrResumeAsync(string task, string? runId, CancellationToken cancellationToken)
    {
        bool exists = runId is not null && await Journal.ReadAsync(runId, cancellationToken).AnyAsync(cancellationToken).ConfigureAwait(false);
        return exists
            ? await ResumeAsync(runId!, cancellationToken).ConfigureAwait(false)
            : await RunAsync(task, runId, cancellationToken).ConfigureAwait(false);
    }

    private async Task<AgentResult> StartAsync(string task, string? runId, Action<AgentEvent> publish, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(task)) throw new UserInputException("task", "The task is empty; say what the agent is to do.");
        _ = _recovery.Value;
        var recorder = new RunRecorder(Journal, runId ?? NewRunId(), publish);
        var start = new AgentEvent.RunStarted(
            Name, _team.First.Model.Name, task, Options.Instructions, [.. _team.First.Tools.Names], ProcessOwner.Current, Options.Settings,
            AnswerSchema: Options.AnswerSchema, ToolTokens: ToolTokens);
        return await WorkAsync(recorder, start, cancellationToken).ConfigureAwait(false);
    }

    private IReadOnlyDictionary<string, int>? CountToolTokens()
    {
        if (_team.First.Model.Counter is not { } counter) return null;
        try
        {
            return Kernel.Tools.ToolTokens.Count(counter, _team.First.Tools.All);
        }
        catch (UserInputException e)
        {
            // A template that refuses these tools refuses the run's first prompt too, and then it is the run's failure.
            Options.Logger.LogWarning(e, "The tokens of the tools could not be counted");
            return null;
        }
    }

    private async Task RecoverQuietlyAsync()
    {
        try
        {
            await RecoverAsync(_disposing.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!_disposing.IsCancellationRequested)
        {
            Options.Logger.LogError(e, "Interrupted runs could not be taken up");
        }
    }

    private async Task<AgentResult> TakeUpAsync(string runId, Action<AgentEvent> publish, CancellationToken cancellationToken)
    {
        var recorder = new RunRecorder(Journal, runId, publish);
        if (!await recorder.LoadAsync(cancellationToken).ConfigureAwait(false))
            throw new UserInputException("runId", $"There is no run '{runId}'.");
        RunView run = await recorder.ViewAsync().ConfigureAwait(false);
        if (run.Status is RunStatus.Completed) return new AgentResult(run);
        if (run.Status is RunStatus.Running)
            throw new UserInputException("runId", $"Run {runId} is at work in process {recorder.State.Owner}.");
        return await WorkAsync(recorder, new AgentEvent.RunResumed(ProcessOwner.Current), cancellationToken).ConfigureAwait(false);
    }

    private async Task<AgentResult> WorkAsync(RunRecorder recorder, AgentEvent begin, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
        cancellationToken.ThrowIfCancellationRequested();
        var request = new RunRequest(_loop, recorder, begin, ExecutionContext.Capture(), cancellationToken, _disposing.Token);

        // The ask itself is not cancelled: it ends when the run's end has been journaled.
        Task<AgentResult> run = _actors.AskAsync<AgentResult>(new ActorId(RunActor.Kind, recorder.RunId), request, CancellationToken.None);
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

    private static async IAsyncEnumerable<AgentEvent> StreamAsync(
        Func<Action<AgentEvent>, CancellationToken, Task<AgentResult>> start, [EnumeratorCancellation] CancellationToken cancellationToken)
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
                return await start(e => events.Writer.TryWrite(e), left.Token).ConfigureAwait(false);
            }
            finally
            {
                events.Writer.Complete();
            }
        }
    }
}
