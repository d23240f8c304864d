using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>One client at one transport: what it is offered, and what it has subscribed to.</summary>
internal sealed class McpConnection : IAsyncDisposable
{
    /// <summary>Each is looked at every second.</summary>
    private const int MostWatched = 100;

    private readonly ServedOffer _offer;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, string?> _subscribed = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private Task _watch = Task.CompletedTask;
    private bool _watching;

    /// <param name="offer">What is offered.</param>
    /// <param name="transport">Where the client is; stays the caller's to dispose.</param>
    /// <param name="loggers">Where the protocol library logs.</param>
    public McpConnection(ServedOffer offer, ITransport transport, ILoggerFactory loggers)
    {
        _offer = offer;
        Server = McpServer.Create(transport, CreateOptions(), loggers);
    }

    public McpServer Server { get; }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await Server.DisposeAsync().ConfigureAwait(false);
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private McpServerOptions CreateOptions()
    {
        var options = new McpServerOptions
        {
            ServerInfo = _offer.Info,
            ServerInstructions = _offer.Options.Instructions,
            Capabilities = new ServerCapabilities { Tools = new ToolsCapability() },
            Handlers = new McpServerHandlers
            {
                ListToolsHandler = (_, _) => new(_offer.ToolList),
                CallToolWithAlternateHandler = (request, cancellation) => _offer.Dispatcher.CallAsync(request, cancellation),
            },
        };
        if (_offer.Tasks is { } tasks)
        {
            options.Capabilities.Extensions = new Dictionary<string, object> { [TaskMethods.Extension] = new JsonObject() };
            options.RequestHandlers = [.. tasks.Handlers];
        }

        if (_offer.Resources.Any) OfferResources(options);
        if (_offer.Prompts.Any) OfferPrompts(options);
        if (_offer.Resources.Any || _offer.Prompts.Any)
        {
            options.Capabilities.Completions = new CompletionsCapability();
            options.Handlers.CompleteHandler = CompleteAsync;
            options.Handlers.SubscriptionsListenHandler = ListenAsync;
        }

        _offer.Options.Configure?.Invoke(options);
        return options;
    }

    private void OfferResources(McpServerOptions options)
    {
        options.Capabilities!.Resources = new ResourcesCapability { Subscribe = true };
        options.Handlers.ListResourcesHandler = (request, cancellation) => _offer.Resources.ListAsync(request.Params?.Cursor, cancellation);
        options.Handlers.ListResourceTemplatesHandler = (_, _) => new(_offer.Resources.Templates());
        options.Handlers.ReadResourceHandler = (request, cancellation) => _offer.Resources.ReadAsync(request.Params!.Uri, cancellation);
        options.Handlers.SubscribeToResourcesHandler = async (request, cancellation) =>
        {
            string uri = request.Params!.Uri;
            if (_subscribed.Count >= MostWatched) throw TooMany();
            string? version = await _offer.Resources.VersionAsync(uri, cancellation).ConfigureAwait(false);
            _subscribed[uri] = version ?? throw ServedResources.NotFound(uri);
            Watch();
            return new EmptyResult();
        };
        options.Handlers.UnsubscribeFromResourcesHandler = (request, _) =>
        {
            _subscribed.TryRemove(request.Params!.Uri, out string? _);
            return new(new EmptyResult());
        };
    }

    private void OfferPrompts(McpServerOptions options)
    {
        options.Capabilities!.Prompts = new PromptsCapability { ListChanged = _offer.Prompts.MayChange ? true : null };
        options.Handlers.ListPromptsHandler = (request, cancellation) =>
        {
            // Whoever has asked for the list wants to know when it changes; in the modern era clients say so themselves.
            if (_offer.Prompts.MayChange && !IsModern(request.JsonRpcRequest)) Watch();
            return _offer.Prompts.ListAsync(cancellation);
        };
        options.Handlers.GetPromptHandler = (request, cancellation) => _offer.Prompts.GetAsync(request, cancellation);
    }

    private async ValueTask<CompleteResult> CompleteAsync(RequestContext<CompleteRequestParams> request, CancellationToken cancellationToken)
    {
        const int mostValues = 100;
        CompleteRequestParams asked = request.Params!;
        IReadOnlyList<string> values = asked.Ref switch
        {
            PromptReference prompt => await _offer.Prompts.CompleteAsync(prompt.Name, asked.Argument, cancellationToken).ConfigureAwait(false),
            ResourceTemplateReference template =>
                await _offer.Resources.CompleteAsync(template.Uri, asked.Argument, cancellationToken).ConfigureAwait(false),
            _ => throw new McpProtocolException("ref must be a prompt or a resource template", McpErrorCode.InvalidParams),
        };
        return new CompleteResult
        {
            Completion = new Completion { Values = [.. values.Take(mostValues)], Total = values.Count, HasMore = values.Count > mostValues },
        };
    }

    /// <summary>A stream of changes, for as long as the client keeps it open.</summary>
    private async ValueTask<EmptyResult> ListenAsync(RequestContext<SubscriptionsListenRequestParams> request, CancellationToken cancellationToken)
    {
        SubscriptionsListenNotifications? wanted = request.Params?.Notifications;
        bool prompts = wanted?.PromptsListChanged == true && _offer.Prompts.MayChange;
        if (wanted?.ResourceSubscriptions is { Count: > MostWatched }) throw TooMany();
        var watched = new ConcurrentDictionary<string, string?>(StringComparer.Ordinal);
        foreach (string uri in wanted?.ResourceSubscriptions ?? [])
        {
            if (await _offer.Resources.VersionAsync(uri, cancellationToken).ConfigureAwait(false) is { } version) watched[uri] = version;
        }

        var granted = new JsonObject();
        if (prompts) granted["promptsListChanged"] = true;
        if (!watched.IsEmpty) granted["resourceSubscriptions"] = new JsonArray([.. watched.Keys.Select(uri => (JsonNode)uri)]);
        await SendAsync(NotificationMethods.SubscriptionsAcknowledgedNotification, new JsonObject { ["notifications"] = granted }).ConfigureAwait(false);
        try
        {
            await _offer.Watch.RunAsync(watched, prompts, SendAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client has closed the stream: its way to unsubscribe.
        }

        return new EmptyResult();

        Task SendAsync(string method, JsonObject parameters)
        {
            parameters["_meta"] = new JsonObject
            {
                [MetaKeys.SubscriptionId] = JsonSerializer.SerializeToNode(request.JsonRpcRequest.Id, McpJsonUtilities.DefaultOptions),
            };
            return request.Server.SendNotificationAsync(method, parameters, McpJsonUtilities.DefaultOptions, cancellationToken);
        }
    }

    /// <summary>Begins to look for changes on behalf of a client with a session.</summary>
    private void Watch()
    {
        lock (_gate)
        {
            if (_watching) return;
            _watching = true;
            _watch = Task.Run(() => _offer.Watch.RunAsync(
                _subscribed,
                _offer.Prompts.MayChange,
                (method, parameters) => Server.SendNotificationAsync(method, parameters, McpJsonUtilities.DefaultOptions, _closing.Token),
                _closing.Token));
        }
    }

    private static McpProtocolException TooMany() => new($"at most {MostWatched} resources can be subscribed to", McpErrorCode.InvalidParams);

    private static bool IsModern(JsonRpcRequest request) => request.Context?.ProtocolVersion is { } version && McpVersions.IsModern(version);
}
