using System.Collections.Concurrent;
using System.Security.Cryptography;
using AgentKit.Kernel.Actors;
using AgentKit.Tools.Mcp;

namespace AgentKit.Server.Sessions;

/// <summary>The sessions there are. Each is an actor; what it holds is gone when the actor stops.</summary>
internal sealed class SessionTable : IAsyncDisposable
{
    private const string Kind = "mcp-session";

    /// <summary>Marks a session with a request in work.</summary>
    private const long Busy = long.MaxValue;

    private readonly ConcurrentDictionary<string, long> _lastUse = new(StringComparer.Ordinal);
    private readonly ActorSystem _actors;
    private readonly TimeProvider _time;
    private readonly int _capacity;
    private int _count;

    public SessionTable(McpToolServer server, McpHttpOptions options)
    {
        (_time, _capacity) = (options.TimeProvider, options.MaxSessions);
        _actors = new ActorSystem(new ActorSystemOptions
        {
            TimeProvider = options.TimeProvider,
            DrainTimeout = TimeSpan.FromSeconds(5),
            // A session that has just ended gets late messages; they matter to nobody.
            KeptDeadLetters = 0,
        });
        _actors.Register(Kind, id => new SessionActor(id.Key, server, this, options.SessionIdleTimeout), new ActorKindOptions { MaxRestarts = 0 });
    }

    public int Count => Volatile.Read(ref _count);

    /// <summary>Begins a session; the caller has entered it.</summary>
    /// <returns><c>null</c> when there is no room for one more.</returns>
    public async Task<Session?> BeginAsync(string? user, CancellationToken cancellationToken)
    {
        while (Interlocked.Increment(ref _count) > _capacity)
        {
            Interlocked.Decrement(ref _count);
            if (!await EndLongestIdleAsync().ConfigureAwait(false)) return null;
        }

        cancellationToken.ThrowIfCancellationRequested();
        // Answered at once. Whoever is counted in has to learn of it, or nobody would leave again.
        string id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        _lastUse[id] = Busy;
        return await _actors.AskAsync<Session>(Address(id), new SessionMessage.Begin(user), CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Comes in with a request.</summary>
    /// <returns><c>null</c> when there is no such session.</returns>
    public async Task<Session?> EnterAsync(string id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_lastUse.ContainsKey(id)) return null;
        try
        {
            return await _actors.AskAsync<Session>(Address(id), new SessionMessage.Enter(), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SessionEndedException or ActorStoppedException)
        {
            return null;
        }
    }

    /// <summary>A request that came in has been answered.</summary>
    public void Leave(Session session)
    {
        if (_lastUse.ContainsKey(session.Id)) _ = _actors.TellAsync(Address(session.Id), new SessionMessage.Leave()).AsTask();
    }

    /// <summary>Ends a session and all its requests.</summary>
    public Task EndAsync(string id) => _actors.StopAsync(Address(id));

    public ValueTask DisposeAsync() => _actors.DisposeAsync();

    internal void MarkBusy(string id) => _lastUse.TryUpdate(id, Busy, _lastUse.GetValueOrDefault(id));

    internal void MarkIdle(string id) => _lastUse.TryUpdate(id, _time.GetTimestamp(), Busy);

    internal void Forget(string id)
    {
        if (_lastUse.TryRemove(id, out _)) Interlocked.Decrement(ref _count);
    }

    private async Task<bool> EndLongestIdleAsync()
    {
        string? oldest = null;
        long oldestUse = Busy;
        foreach ((string id, long use) in _lastUse)
        {
            if (use < oldestUse) (oldest, oldestUse) = (id, use);
        }

        if (oldest is null) return false;
        await EndAsync(oldest).ConfigureAwait(false);
        return true;
    }

    private static ActorId Address(string id) => new(Kind, id);
}
