using AgentKit.Tools.Mcp;
using AgentKit.Tools.Mcp.Serving;
using ModelContextProtocol.Server;

namespace AgentKit.Server.Sessions;

/// <summary>One client's connection over many requests, in the revisions that have sessions.</summary>
internal sealed class Session : IAsyncDisposable
{
    private readonly McpConnection _connection;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _serving;
    private int _listening;

    public Session(string id, string? user, McpToolServer server)
    {
        (Id, User) = (id, user);
        Events = new SessionEvents(id);
        Transport = new StreamableHttpServerTransport(server.Options.Loggers) { SessionId = id, EventStreamStore = Events };
        _connection = server.Connect(Transport);
        // Not with the request that began it: the session outlives it, and everything that request brought along.
        using (ExecutionContext.SuppressFlow()) _serving = Task.Run(() => _connection.Server.RunAsync(_ending.Token));
    }

    public string Id { get; }

    /// <summary>Who began it; nobody else may use it.</summary>
    public string? User { get; }

    public StreamableHttpServerTransport Transport { get; }

    public SessionEvents Events { get; }

    /// <summary>Cancelled when the session ends.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>Whether the one stream on which the server speaks first was opened and has ended.</summary>
    public bool HasListened { get; private set; }

    /// <summary>Takes that stream: once, since the protocol library does not open it again.</summary>
    public bool TryListen() => Interlocked.Exchange(ref _listening, 1) == 0;

    /// <summary>The stream has ended.</summary>
    public void StopListening() => HasListened = true;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
        await Transport.DisposeAsync().ConfigureAwait(false);
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }
}
