using System.Text.Json;
using AgentKit.Kernel.Errors;
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
        ArgumentNullException.ThrowIfNull(spec);
        loggers ??= NullLoggerFactory.Instance;
        var errors = new ErrorTail(loggers.CreateLogger<McpToolConnection>(), spec.Command ?? spec.Text);
        return await ConnectAsync(spec, CreateTransport(spec, errors, loggers), errors, loggers, cancellationToken);
    }

    /// <summary>Connects over a given transport; what the server writes elsewhere is not known then.</summary>
    internal static async Task<McpToolConnection> ConnectAsync(
        McpServerSpec spec,
        IClientTransport transport,
        ErrorTail errors,
        ILoggerFactory loggers,
        CancellationToken cancellationToken,
        string? protocolVersion = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(spec.ConnectTimeout);
        var options = new McpClientOptions
        {
            ClientInfo = new Implementation { Name = "agentkit", Version = new McpToolServerOptions().Version },
            ProtocolVersion = protocolVersion,
            InitializationTimeout = spec.ConnectTimeout,
            // A server that answers the probe late would be spoken to in an older revision; a cold start can take seconds.
            DiscoverProbeTimeout = TimeSpan.FromSeconds(Math.Min(30, spec.ConnectTimeout.TotalSeconds / 2)),
        };
        McpClient? client = null;
        try
        {
            client = await McpClient.CreateAsync(transport, options, loggers, deadline.Token);
            var connection = new McpToolConnection(spec, client);
            var tools = await client.ListToolsAsync(cancellationToken: deadline.Token);
            connection.Tools = [.. tools.Select(tool => new McpToolFunction(connection, tool))];
            return connection;
        }
        catch (Exception e)
        {
            if (client is not null)
                await client.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            if (ConnectFailure.Explain(spec, e, errors) is { } fault)
                throw fault;
            throw;
        }
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
        catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException or InvalidOperationException)
        {
            throw new ToolException($"the tool server '{ServerName}' does not answer", e);
        }
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
            return await call.WaitAsync(cancellationToken);
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
        if (spec.Url is not null)
        {
            var http = new HttpClientTransportOptions { Endpoint = spec.Url, TransportMode = HttpTransportMode.StreamableHttp };
            return new HttpClientTransport(http, loggers);
        }
        var environment = StdioClientTransportOptions.GetDefaultEnvironmentVariables();
        foreach (var (name, value) in spec.Environment)
            environment[name] = value;
        var family = new ProcessFamily();
        family.Mark(environment);
        var stdio = new StdioClientTransportOptions
        {
            Command = spec.Command!,
            Arguments = [.. spec.Arguments],
            WorkingDirectory = spec.WorkingDirectory,
            InheritEnvironmentVariables = false,
            EnvironmentVariables = environment,
            StandardErrorLines = errors.Add,
        };
        return new TrackingTransport(new StdioClientTransport(stdio, loggers), family.End);
    }
}
