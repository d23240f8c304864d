using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp;

/// <summary>One connection to one MCP server, whose tools are functions. Safe for concurrent calls.</summary>
public sealed class McpToolConnection : IAsyncDisposable
{
    private readonly McpClient _client;

    private McpToolConnection(McpServerSpec spec, McpClient client)
    {
        Spec = spec;
        _client = client;
    }

    /// <summary>What was connected to.</summary>
    public McpServerSpec Spec { get; }

    /// <summary>The server's tools, in the server's order. Their contract comes from the server's hints, which are claims, not proof.</summary>
    public IReadOnlyList<AIFunction> Tools { get; private set; } = [];

    /// <summary>The tools as the server described them.</summary>
    internal IReadOnlyList<Tool> Definitions { get; private set; } = [];

    /// <summary>Done when the connection has ended, whichever side ended it.</summary>
    internal Task Closed => _client.Completion;

    /// <summary>The server's name as it gave it; the specification's text when it gave none.</summary>
    public string ServerName => _client.ServerInfo?.Name ?? Spec.Text;

    /// <summary>The server's version as it gave it; empty when it gave none.</summary>
    public string ServerVersion => _client.ServerInfo?.Version ?? "";

    /// <summary>The MCP revision both sides speak, a date.</summary>
    public string ProtocolVersion => _client.NegotiatedProtocolVersion ?? "";

    /// <summary>Starts or reaches a server and lists its tools.</summary>
    /// <param name="spec">The server.</param>
    /// <param name="loggers">Where the server's standard error and the connection's own messages go.</param>
    /// <param name="cancellationToken">Gives up; a started program is ended.</param>
    /// <exception cref="UserInputException">
    /// The program does not start, ends, or does not speak MCP, or the address does not answer; the message carries the command and the
    /// last lines the program wrote to standard error.
    /// </exception>
    public static async Task<McpToolConnection> ConnectAsync(
        McpServerSpec spec, ILoggerFactory? loggers = null, CancellationToken cancellationToken = default)
    {
        return await ConnectAsync(spec, new ConnectionSettings { Loggers = loggers ?? NullLoggerFactory.Instance }, cancellationToken);
    }

    /// <summary>As the public one, with everything that can be said about a connection.</summary>
    internal static async Task<McpToolConnection> ConnectAsync(
        McpServerSpec spec, ConnectionSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        try
        {
            return await OpenAsync(settings);
        }
        catch (UserInputException e) when (settings.ProtocolVersion is null && e.InnerException is JsonException)
        {
            // Some servers with a handshake answer a request they do not know, such as the question for their revisions, with nothing.
            return await OpenAsync(settings with { ProtocolVersion = McpVersions.WithHandshake[^1] });
        }

        Task<McpToolConnection> OpenAsync(ConnectionSettings used)
        {
            var errors = new ErrorTail(used.Loggers.CreateLogger<McpToolConnection>(), spec.Command ?? spec.Text);
            return ConnectAsync(spec, CreateTransport(spec, errors, used.Loggers), errors, used, cancellationToken);
        }
    }

    /// <summary>Connects over a given transport; what the server writes elsewhere is not known then.</summary>
    internal static async Task<McpToolConnection> ConnectAsync(
        McpServerSpec spec, IClientTransport transport, ErrorTail errors, ConnectionSettings settings, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(spec.ConnectTimeout);
        McpClient? client = null;
        try
        {
            client = await McpClient.CreateAsync(transport, Options(spec, settings), settings.Loggers, deadline.Token);
            var connection = new McpToolConnection(spec, client);
            await connection.ListAsync(deadline.Token);
            return connection;
        }
        catch (Exception e)
        {
            if (client is not null)
                await client.DisposeAsync();
            else if (transport is IAsyncDisposable owned)
                await owned.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            if (ConnectFailure.Explain(spec, e, errors) is { } fault)
                throw fault;
            throw;
        }
    }

    /// <summary>Asks for the tools again.</summary>
    internal async Task ListAsync(CancellationToken cancellationToken)
    {
        var tools = await _client.ListToolsAsync(cancellationToken: cancellationToken);
        Definitions = [.. tools.Select(tool => tool.ProtocolTool)];
        Tools = [.. tools.Select(tool => new McpToolFunction(this, tool))];
    }

    /// <summary>Calls a tool.</summary>
    /// <param name="tool">The tool's name.</param>
    /// <param name="arguments">The arguments, by name; values are JSON elements or plain values.</param>
    /// <param name="cancellationToken">Stops waiting and tells the server.</param>
    /// <returns>The result as text for a model; what is not text is described.</returns>
    /// <exception cref="ToolException">The tool failed, the call was refused, or the server is gone.</exception>
    public Task<string> CallAsync(
        string tool, IReadOnlyDictionary<string, object?> arguments, CancellationToken cancellationToken = default) =>
        CallAsync(tool, arguments, key: null, cancellationToken);

    /// <summary>As the public one, with the key by which the server can know a repeated call.</summary>
    internal async Task<string> CallAsync(
        string tool, IReadOnlyDictionary<string, object?> arguments, string? key, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(tool, arguments, key, cancellationToken);
        }
        catch (ServerGoneException e)
        {
            throw new ToolException(e.Message, e);
        }
    }

    /// <summary>As <see cref="CallAsync(string, IReadOnlyDictionary{string, object?}, string?, CancellationToken)"/>.</summary>
    /// <exception cref="ToolException">The tool failed or the call was refused.</exception>
    /// <exception cref="ServerGoneException">The server does not answer any more.</exception>
    internal async Task<string> SendAsync(
        string tool, IReadOnlyDictionary<string, object?> arguments, string? key, CancellationToken cancellationToken)
    {
        CallToolResult result;
        var options = key is null ? null : new RequestOptions { Meta = ContractMeta.OfCall(key) };
        try
        {
            result = Spec.Url is null
                ? await TrackedCallAsync(tool, arguments, options, cancellationToken)
                : await _client.CallToolAsync(tool, arguments, options: options, cancellationToken: cancellationToken);
        }
        catch (McpException e)
        {
            throw new ToolException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException or InvalidOperationException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ServerGoneException($"the tool server '{ServerName}' does not answer", e);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new ToolException($"the tool server '{ServerName}' answered with something that is no result", e);
        }
        // A server may write null where the protocol promises a list or one of its blocks.
        if (result.Content is null || result.Content.Any(block => block is null))
            throw new ToolException($"the tool server '{ServerName}' answered with something that is no result");
        var text = ResultText.Of(result);
        if (result.IsError is true)
            throw new ToolException(text.Length > 0 ? text : $"tool '{tool}' failed without saying why");
        return text;
    }

    /// <summary>Calls a tool with arguments in JSON.</summary>
    /// <inheritdoc cref="CallAsync(string, IReadOnlyDictionary{string, object?}, CancellationToken)"/>
    /// <exception cref="UserInputException">The arguments are not a JSON object.</exception>
    public Task<string> CallAsync(string tool, JsonElement arguments, CancellationToken cancellationToken = default) =>
        arguments.ValueKind == JsonValueKind.Object
            ? CallAsync(tool, arguments.EnumerateObject().ToDictionary(a => a.Name, a => (object?)a.Value), cancellationToken)
            : throw new UserInputException("arguments", $"the arguments must be a JSON object, found {arguments.ValueKind}");

    /// <summary>Ends the connection; a program that was started is ended with all its children.</summary>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    /// <summary>
    /// The client library forgets to tell a server on a stream that a call was cancelled: its wait ends first and takes the notification
    /// back. So the call is waited for here and the notification is sent here. Over HTTP closing the request tells the server.
    /// </summary>
    private async Task<CallToolResult> TrackedCallAsync(
        string tool, IReadOnlyDictionary<string, object?> arguments, RequestOptions? options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var sent = TrackingTransport.TrackCalls();
        var call = _client.CallToolAsync(tool, arguments, options: options, cancellationToken: CancellationToken.None).AsTask();
        try
        {
            // A call sent while the connection ends is answered by nobody: the client library does not know of it any more.
            await Task.WhenAny(call, Closed).WaitAsync(cancellationToken);
            return call.IsCompleted ? await call : throw new IOException("the connection has ended");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && sent.RequestId is { } id)
        {
            await TellCancelledAsync(id);
            throw;
        }
    }

    private async Task TellCancelledAsync(RequestId id)
    {
        try
        {
            var notice = new CancelledNotificationParams { RequestId = id, Reason = "cancelled by the caller" };
            await _client.SendNotificationAsync(NotificationMethods.CancelledNotification, notice, cancellationToken: CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or McpException or ObjectDisposedException)
        {
            // A server that is gone does not work on the call either.
            return;
        }
    }

    private static IClientTransport CreateTransport(McpServerSpec spec, ErrorTail errors, ILoggerFactory loggers)
    {
        if (spec.Url is null)
            return new TrackingTransport(new ProcessTransport(spec, errors, loggers));
        var options = new HttpClientTransportOptions
        {
            Endpoint = spec.Url,
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = spec.Headers.ToDictionary(header => header.Key, header => header.Value),
            OAuth = spec.OAuth,
        };
        return new HttpClientTransport(options, BoundedResponses.CreateClient(), loggers, ownsHttpClient: true);
    }

    private static McpClientOptions Options(McpServerSpec spec, ConnectionSettings settings)
    {
        var handlers = new McpClientHandlers
        {
            ElicitationHandler = settings.Elicit is null
                ? null
                : (request, cancellation) => settings.Elicit(request ?? new ElicitRequestParams { Message = "" }, cancellation),
            NotificationHandlers = settings.ToolsChanged is null
                ? null
                :
                [
                    new(NotificationMethods.ToolListChangedNotification, (_, _) =>
                    {
                        settings.ToolsChanged();
                        return ValueTask.CompletedTask;
                    }),
                ],
        };
        return new McpClientOptions
        {
            ClientInfo = new Implementation { Name = "agentkit", Version = new McpToolServerOptions().Version },
            ProtocolVersion = settings.ProtocolVersion,
            InitializationTimeout = spec.ConnectTimeout,
            // A server that answers the probe late would be spoken to in an older revision; a cold start can take seconds.
            DiscoverProbeTimeout = TimeSpan.FromSeconds(Math.Min(30, spec.ConnectTimeout.TotalSeconds / 2)),
            Handlers = handlers,
        };
    }
}
