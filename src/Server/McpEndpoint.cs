using System.Security.Claims;
using System.Text.Json.Nodes;
using AgentKit.Server.Http;
using AgentKit.Server.Sessions;
using AgentKit.Tools.Mcp;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using ModelContextProtocol.Protocol;

namespace AgentKit.Server;

/// <summary>
/// MCP over Streamable HTTP on one path, for clients of both eras: those that begin with a handshake and keep a session, and those whose
/// every request stands for itself.
/// </summary>
internal sealed class McpEndpoint : IAsyncDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue EventStream = new("text/event-stream");

    private readonly McpHttpOptions _options;
    private readonly HostGuard _guard;
    private readonly SignIn _signIn;
    private readonly RequestLimits _limits;
    private readonly SessionTable _sessions;
    private readonly SessionRequests _withSession;
    private readonly CancellationTokenSource _stopping = new();
    private readonly StatelessRequests _stateless;

    /// <param name="server">What is served.</param>
    /// <param name="options">To whom.</param>
    /// <param name="ownHosts">The names it listens on.</param>
    public McpEndpoint(McpToolServer server, McpHttpOptions options, IEnumerable<string> ownHosts)
    {
        _options = options;
        _guard = new HostGuard(options, ownHosts);
        _signIn = new SignIn(options);
        _limits = new RequestLimits(options);
        _sessions = new SessionTable(server, options);
        _withSession = new SessionRequests(_sessions, _limits);
        _stateless = new StatelessRequests(server, _stopping.Token);
    }

    /// <summary>Sessions at the moment.</summary>
    public int SessionCount => _sessions.Count;

    /// <summary>Answers the request for the authorization server's address.</summary>
    public Task DescribeAsync(HttpContext context) =>
        _guard.Fault(context.Request) is { } fault ? ForbidAsync(context, fault) : ResourceMetadata.WriteAsync(context, _options.OAuth!);

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (_guard.Fault(context.Request) is { } fault)
        {
            await ForbidAsync(context, fault).ConfigureAwait(false);
            return;
        }

        if (CrossOrigin.Handle(context)) return;
        (ClaimsPrincipal? user, string? error) = await _signIn.CheckAsync(context).ConfigureAwait(false);
        if (error == SignIn.IssuerAway)
        {
            context.Response.Headers.RetryAfter = "5";
            await JsonRpcReply.ErrorAsync(
                context, StatusCodes.Status503ServiceUnavailable, JsonRpcReply.Refused, "the authorization server cannot be reached; try again").ConfigureAwait(false);
            return;
        }

        if (user is null)
        {
            bool knows = error == "insufficient_scope";
            context.Response.Headers.WWWAuthenticate = _signIn.Challenge(context.Request, error!);
            int status = knows ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized;
            string what = knows ? "the token lacks a scope" : "a valid bearer token for this server is needed";
            await JsonRpcReply.ErrorAsync(context, status, JsonRpcReply.Refused, what).ConfigureAwait(false);
            return;
        }

        string? name = McpCall.NameOf(user);
        using IDisposable? place = HttpMethods.IsGet(context.Request.Method) ? NoPlace.Instance : await _limits.EnterAsync(context, name).ConfigureAwait(false);
        if (place is not null) await DispatchAsync(context, user, name, place).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _sessions.DisposeAsync().ConfigureAwait(false);
        _limits.Dispose();
    }

    private Task DispatchAsync(HttpContext context, ClaimsPrincipal user, string? name, IDisposable place)
    {
        HttpRequest request = context.Request;
        if (HttpMethods.IsPost(request.Method)) return PostAsync(context, user, name, place);
        string version = request.Headers[McpHeaders.ProtocolVersion].ToString();
        bool hasSession = request.Headers.ContainsKey(McpHeaders.SessionId);
        if (!McpVersions.IsModern(version) && hasSession && HttpMethods.IsGet(request.Method)) return _withSession.GetAsync(context, name);
        if (!McpVersions.IsModern(version) && hasSession && HttpMethods.IsDelete(request.Method)) return _withSession.DeleteAsync(context, name);
        context.Response.Headers.Allow = "POST";
        return JsonRpcReply.ErrorAsync(
            context, StatusCodes.Status405MethodNotAllowed, JsonRpcReply.Refused, "only POST is allowed, or GET and DELETE with a session");
    }

    private async Task PostAsync(HttpContext context, ClaimsPrincipal user, string? name, IDisposable place)
    {
        HttpRequest request = context.Request;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) || !type.IsSubsetOf(Json))
        {
            await JsonRpcReply.ErrorAsync(
                context, StatusCodes.Status415UnsupportedMediaType, JsonRpcReply.Refused, "the body must be application/json").ConfigureAwait(false);
            return;
        }

        IList<MediaTypeHeaderValue> accepted = request.GetTypedHeaders().Accept;
        if (!accepted.Any(one => Json.IsSubsetOf(one)) || !accepted.Any(one => EventStream.IsSubsetOf(one)))
        {
            await JsonRpcReply.ErrorAsync(
                context,
                StatusCodes.Status406NotAcceptable,
                JsonRpcReply.Refused,
                "the client must accept application/json and text/event-stream").ConfigureAwait(false);
            return;
        }

        if (await MessageReader.ReadAsync(context, _options.MaxBodyBytes).ConfigureAwait(false) is not { } message) return;
        message.Context = new JsonRpcMessageContext { User = user.Identity is null ? null : user };
        using IDisposable? stream = message is JsonRpcRequest { Method: RequestMethods.SubscriptionsListen }
            ? await StreamAsync(context, place).ConfigureAwait(false)
            : NoPlace.Instance;
        if (stream is not null) await RouteAsync(context, message, name).ConfigureAwait(false);
    }

    private Task RouteAsync(HttpContext context, JsonRpcMessage message, string? name)
    {
        string version = context.Request.Headers[McpHeaders.ProtocolVersion].ToString();
        string? stated = StatedVersion(message);
        if (stated is not null || McpVersions.IsModern(version)) return _stateless.PostAsync(context, message, version, stated);
        if (version.Length > 0 && !McpVersions.WithHandshake.Contains(version)) return StatelessRequests.UnsupportedAsync(context, message, version);
        return _withSession.PostAsync(context, message, name);
    }

    /// <summary>A request that stays open takes a place among the streams instead of one among the requests in work.</summary>
    private Task<IDisposable?> StreamAsync(HttpContext context, IDisposable place)
    {
        place.Dispose();
        return _limits.OpenStreamAsync(context);
    }

    /// <summary>The revision a message itself names, as those of the modern era do.</summary>
    private static string? StatedVersion(JsonRpcMessage message)
    {
        JsonNode? parameters = message switch
        {
            JsonRpcRequest request => request.Params,
            JsonRpcNotification notification => notification.Params,
            _ => null,
        };
        JsonNode? meta = (parameters as JsonObject)?["_meta"];
        return (meta as JsonObject)?[MetaKeys.ProtocolVersion] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
    }

    private static Task ForbidAsync(HttpContext context, string fault) =>
        JsonRpcReply.ErrorAsync(context, StatusCodes.Status403Forbidden, JsonRpcReply.Refused, fault);

    /// <summary>Streams take their own places.</summary>
    private sealed class NoPlace : IDisposable
    {
        public static NoPlace Instance { get; } = new();

        public void Dispose()
        {
        }
    }
}
