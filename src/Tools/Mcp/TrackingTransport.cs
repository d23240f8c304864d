using System.Threading.Channels;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp;

/// <summary>
/// Passes everything through, notes under which id a tool call was sent, so that the call can be cancelled by its id, and cleans up after
/// the connection has ended.
/// </summary>
/// <param name="inner">The transport.</param>
/// <param name="ended">Called once the connection has ended, whichever side ended it.</param>
internal sealed class TrackingTransport(IClientTransport inner, Action ended) : IClientTransport
{
    private static readonly AsyncLocal<SentCall?> Current = new();

    public string Name => inner.Name;

    /// <summary>From here on, the id of a call sent by this asynchronous flow is written into the returned object.</summary>
    public static SentCall TrackCalls() => Current.Value = new SentCall();

    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) =>
        new Session(await inner.ConnectAsync(cancellationToken), ended);

    /// <summary>A tool call on its way.</summary>
    internal sealed class SentCall
    {
        /// <summary>The id of the last request sent for the call; unset as long as none was.</summary>
        public RequestId? RequestId { get; set; }
    }

    private sealed class Session(ITransport inner, Action ended) : ITransport
    {
        public string? SessionId => inner.SessionId;

        public ChannelReader<JsonRpcMessage> MessageReader => inner.MessageReader;

        public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
        {
            if (message is JsonRpcRequest { Method: RequestMethods.ToolsCall } request && Current.Value is { } call)
                call.RequestId = request.Id;
            return inner.SendMessageAsync(message, cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            ended();
        }
    }
}
