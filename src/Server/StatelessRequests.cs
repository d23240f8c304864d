using System.Text.Json.Nodes;
using AgentKit.Server.Http;
using AgentKit.Tools.Mcp;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentKit.Server;

/// <summary>Requests from revision 2026-07-28 on: each brings all there is to know, is answered, and leaves nothing behind.</summary>
internal sealed class StatelessRequests(McpToolServer server, CancellationToken stopping)
{
    private readonly RoutingHeaders _routing = new(server);

    /// <param name="context">The request.</param>
    /// <param name="message">Its message.</param>
    /// <param name="version">The revision that the header names, or nothing.</param>
    /// <param name="stated">The revision that the message names, or nothing.</param>
    public async Task PostAsync(HttpContext context, JsonRpcMessage message, string version, string? stated)
    {
        if (await RefuseAsync(context, message, version, stated).ConfigureAwait(false)) return;
        await using var transport = new StreamableHttpServerTransport(server.Options.Loggers) { Stateless = true };
        await using McpConnection connection = server.Connect(transport);
        // A stream of changes has no end of its own; other requests may finish while the host stops.
        bool stays = message is JsonRpcRequest { Method: RequestMethods.SubscriptionsListen };
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stays ? stopping : CancellationToken.None);
        Task serving = connection.Server.RunAsync(ending.Token);
        message.Context!.ProtocolVersion = version;
        context.StartEvents();
        bool answered = await transport.HandlePostRequestAsync(
            message,
            context.Response.Body,
            first =>
            {
                context.Response.StatusCode = StatusOf(first);
                return ValueTask.CompletedTask;
            },
            ending.Token).ConfigureAwait(false);
        if (!answered) context.Accept();
        await transport.DisposeAsync().ConfigureAwait(false);
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public static Task UnsupportedAsync(HttpContext context, JsonRpcMessage message, string requested) => JsonRpcReply.ErrorAsync(
        context,
        StatusCodes.Status400BadRequest,
        (int)McpErrorCode.UnsupportedProtocolVersion,
        $"revision {requested} is not supported",
        (message as JsonRpcMessageWithId)?.Id,
        new JsonObject { ["supported"] = new JsonArray(McpVersions.Modern), ["requested"] = requested });

    /// <summary>Checks what every message of this era has to bring.</summary>
    private async Task<bool> RefuseAsync(HttpContext context, JsonRpcMessage message, string version, string? stated)
    {
        if (stated is not null && version != stated)
        {
            string found = version.Length == 0 ? "none" : $"'{version}'";
            await MismatchAsync(context, message, $"the header {McpHeaders.ProtocolVersion} must be '{stated}', found {found}").ConfigureAwait(false);
            return true;
        }

        if (version != McpVersions.Modern)
        {
            await UnsupportedAsync(context, message, version).ConfigureAwait(false);
            return true;
        }

        if (message is not JsonRpcRequest request) return false;
        var parameters = request.Params as JsonObject;
        if (stated is null || (parameters?["_meta"] as JsonObject)?[MetaKeys.ClientCapabilities] is not JsonObject)
        {
            string missing = stated is null ? MetaKeys.ProtocolVersion : MetaKeys.ClientCapabilities;
            await JsonRpcReply.ErrorAsync(
                context, StatusCodes.Status400BadRequest, (int)McpErrorCode.InvalidParams, $"params._meta must have '{missing}'", request.Id)
                .ConfigureAwait(false);
            return true;
        }

        if (request.Method == RequestMethods.Initialize)
        {
            await JsonRpcReply.ErrorAsync(
                context, StatusCodes.Status404NotFound, (int)McpErrorCode.MethodNotFound, $"revision {version} has no handshake", request.Id)
                .ConfigureAwait(false);
            return true;
        }

        if (_routing.Fault(context.Request, request.Method, parameters) is not { } fault) return false;
        await MismatchAsync(context, message, fault).ConfigureAwait(false);
        return true;
    }

    private static Task MismatchAsync(HttpContext context, JsonRpcMessage message, string fault) => JsonRpcReply.ErrorAsync(
        context, StatusCodes.Status400BadRequest, (int)McpErrorCode.HeaderMismatch, fault, (message as JsonRpcMessageWithId)?.Id);

    private static int StatusOf(JsonRpcMessage? first) => first is not JsonRpcError error
        ? StatusCodes.Status200OK
        : (McpErrorCode)error.Error.Code switch
        {
            McpErrorCode.MethodNotFound => StatusCodes.Status404NotFound,
            McpErrorCode.HeaderMismatch or McpErrorCode.MissingRequiredClientCapability or McpErrorCode.UnsupportedProtocolVersion
                => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status200OK,
        };
}
