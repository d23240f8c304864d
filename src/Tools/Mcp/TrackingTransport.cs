using System.Threading.Channels;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp;

/// <summary>
/// Passes everything through and notes under which id a tool call was sent, so that the call can be cancelled by its id.
/// </summary>
/// <param name="inner">The transport.</param>
internal sealed class TrackingTransport(IClientTransport inner) : IClientTransport
{
    private static readonly AsyncLocal<SentCall?> Current = new();

    public string Name => inner.Name;

    /// <summary>From here on, the id of a call sent by this asynchronous flow is written into the returned object.</summary>
    public static SentCall TrackCalls() => Current.Value = new SentCall();

    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) =>
        new Session(await inner.ConnectAsync(cancellationToken));

    /// <summary>A tool call on its way.</summary>
    internal sealed class SentCall
    {
        /// <summary>The id of the last request sent for the call; unset as long as none was.</summary>
        public RequestId? RequestId { get; set; }
    }

    private sealed class Session(ITransport inner) : ITransport
    {
        public string? SessionId => inner.SessionId;

        public ChannelReader<JsonRpcMessage> MessageReader => inner.MessageReader;

        public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
        {
            if (message is JsonRpcRequest { Method: RequestMethods.ToolsCall } request && Current.Value is { } call)
                call.RequestId = request.Id;
            return inner.SendMessageAsync(message, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
