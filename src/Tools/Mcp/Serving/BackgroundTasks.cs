using System.Collections.Concurrent;
using System.Security.Cryptography;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>
/// Tasks that live in this process: the tool goes on when the client has gone, and its result is kept for a while. For work that must outlive
/// the process, keep a journaled run instead.
/// </summary>
public sealed class BackgroundTasks : McpTasks, IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, BackgroundTask> _tasks = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeToLive;
    private readonly int _capacity;

    /// <summary>Makes a keeper of tasks.</summary>
    /// <param name="timeProvider">The clock; the system's when <c>null</c>.</param>
    /// <param name="timeToLive">How long a task can be asked for; one hour when <c>null</c>.</param>
    /// <param name="capacity">Tasks kept at once; more are refused until some have expired. 1 or more.</param>
    public BackgroundTasks(TimeProvider? timeProvider = null, TimeSpan? timeToLive = null, int capacity = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        (_time, _timeToLive, _capacity) = (timeProvider ?? TimeProvider.System, timeToLive ?? TimeSpan.FromHours(1), capacity);
    }

    /// <inheritdoc/>
    public override ValueTask<McpTask> StartAsync(McpTaskStart start, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(start);
        DateTimeOffset now = _time.GetUtcNow();
        foreach ((string old, BackgroundTask known) in _tasks)
        {
            if (known.Created + _timeToLive < now && _tasks.TryRemove(old, out _)) known.Cancel();
        }

        if (_tasks.Count >= _capacity)
            throw new Kernel.Errors.ToolException($"there are {_capacity} tasks already; wait until some have expired");
        string id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var task = new BackgroundTask(id, start, _time, _timeToLive);
        _tasks[id] = task;
        task.Run();
        return new(task.View());
    }

    /// <inheritdoc/>
    public override ValueTask<McpTask?> FindAsync(string id, string? user, CancellationToken cancellationToken) => new(Find(id, user)?.View());

    /// <inheritdoc/>
    public override ValueTask AnswerAsync(
        string id, string? user, IReadOnlyDictionary<string, InputResponse> answers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(answers);
        Find(id, user)?.Answer(answers);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask CancelAsync(string id, string? user, CancellationToken cancellationToken)
    {
        Find(id, user)?.Cancel();
        return ValueTask.CompletedTask;
    }

    /// <summary>Cancels all tasks and waits for them.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (BackgroundTask task in _tasks.Values) task.Cancel();
        await Task.WhenAll(_tasks.Values.Select(task => task.Work)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _tasks.Clear();
    }

    private BackgroundTask? Find(string id, string? user) =>
        _tasks.TryGetValue(id, out BackgroundTask? task) && task.User == user && task.Created + _timeToLive >= _time.GetUtcNow() ? task : null;
}
