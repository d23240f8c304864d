using System.IO.Pipelines;
using System.Text.Json;
using AgentKit.Tools.Mcp;
using AgentKit.Tools.Mcp.Hub;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentKit.Testing;

/// <summary>An MCP server over pipes whose tools and answers a test sets, and that a test can let die: the real protocol without a process.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly List<(Pipe ToServer, Pipe ToClient, CancellationTokenSource Stop, McpServer Server, Task Running)> _connections = [];

    /// <summary>What the server offers.</summary>
    public List<Tool> Tools { get; } = [];

    /// <summary>What it answers; by default the tool's name.</summary>
    public Func<CallToolRequestParams, CancellationToken, ValueTask<CallToolResult>> OnCall { get; set; } =
        (call, _) => new(new CallToolResult { Content = [new TextContentBlock { Text = $"{call.Name} was called" }] });

    /// <summary>The revision each connection asked for; null where it was negotiated.</summary>
    public List<string?> Asked { get; } = [];

    /// <summary>When set, connecting fails so.</summary>
    public Exception? Refusal { get; set; }

    public static Tool Tool(string name, string description = "Does something.", bool readOnly = true, string properties = "{}") => new()
    {
        Name = name,
        Description = description,
        InputSchema = JsonElement.Parse($$"""{"type":"object","properties":{{properties}}}"""),
        Annotations = new ToolAnnotations { ReadOnlyHint = readOnly },
    };

    public McpServerEntry Entry(string name = "demo") => new(name, McpServerSpec.Parse($"in-memory {name}"));

    /// <summary>Connects as a hub does.</summary>
    public async Task<McpToolConnection> OpenAsync(McpServerSpec spec, ConnectionSettings settings, CancellationToken cancellationToken)
    {
        Asked.Add(settings.ProtocolVersion);
        if (Refusal is not null) throw Refusal;
        (Pipe toServer, Pipe toClient) = (new Pipe(), new Pipe());
        var stop = new CancellationTokenSource();
        var transport = new StreamServerTransport(toServer.Reader.AsStream(), toClient.Writer.AsStream(), "scripted", NullLoggerFactory.Instance);
        McpServer server = McpServer.Create(transport, Options(), NullLoggerFactory.Instance);
        _connections.Add((toServer, toClient, stop, server, server.RunAsync(stop.Token)));
        var client = new StreamClientTransport(
            toServer.Writer.AsStream(), toClient.Reader.AsStream(), NullLoggerFactory.Instance);
        return await McpToolConnection.ConnectAsync(
            spec, new TrackingTransport(client), new ErrorTail(NullLogger.Instance, "scripted"), settings, cancellationToken);
    }

    /// <summary>Ends all connections as a crash would.</summary>
    public async Task DieAsync()
    {
        foreach ((Pipe toServer, Pipe toClient, CancellationTokenSource stop, _, _) in _connections.ToArray())
        {
            await stop.CancelAsync();
            await toServer.Reader.CompleteAsync();
            await toClient.Writer.CompleteAsync();
        }

        _connections.Clear();
    }

    /// <summary>Tells the clients that the tools have changed.</summary>
    public Task AnnounceAsync() =>
        Task.WhenAll(_connections.Select(connection => connection.Server.SendMessageAsync(
            new JsonRpcNotification { Method = NotificationMethods.ToolListChangedNotification })));

    public async ValueTask DisposeAsync() => await DieAsync();

    private McpServerOptions Options() => new()
    {
        ServerInfo = new Implementation { Name = "scripted", Version = "1" },
        Capabilities = new ServerCapabilities { Tools = new ToolsCapability { ListChanged = true } },
        Handlers = new McpServerHandlers
        {
            ListToolsHandler = (_, _) => new(new ListToolsResult { Tools = [.. Tools], TimeToLive = TimeSpan.Zero, CacheScope = CacheScope.Private }),
            CallToolHandler = (request, cancellation) => OnCall(request.Params!, cancellation),
        },
    };
}
