using System.IO.Pipelines;
using AgentKit.Tools.Mcp;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Protocol;

namespace AgentKit.Testing;

/// <summary>A tool server and a connection to it over two pipes: the real protocol without a process, a port or a wait.</summary>
internal sealed class McpPair : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Task _serving;

    private McpPair(Task serving, McpToolConnection connection, CancellationTokenSource stop)
    {
        _serving = serving;
        _stop = stop;
        Connection = connection;
    }

    public McpToolConnection Connection { get; }

    public static async Task<McpPair> StartAsync(
        IEnumerable<AIFunction> tools, string? protocolVersion = null, McpToolServerOptions? options = null)
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        var stop = new CancellationTokenSource();
        var serving = new McpToolServer(tools, options).RunAsync(toServer.Reader.AsStream(), toClient.Writer.AsStream(), stop.Token);
        var transport = new StreamClientTransport(toServer.Writer.AsStream(), toClient.Reader.AsStream(), NullLoggerFactory.Instance);
        var connection = await McpToolConnection.ConnectAsync(
            McpServerSpec.Parse("in-memory"),
            new TrackingTransport(transport),
            new ErrorTail(NullLogger.Instance, "in-memory"),
            new ConnectionSettings { ProtocolVersion = protocolVersion },
            CancellationToken.None);
        return new McpPair(serving, connection, stop);
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _stop.CancelAsync();
        await _serving.ContinueWith(_ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }
}
