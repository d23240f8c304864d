using System.Buffers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using AgentKit.Server.Http;
using AgentKit.Server.Sessions;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentKit.Server;

/// <summary>Requests up to revision 2025-11-25, which belong to a session.</summary>
internal sealed class SessionRequests(SessionTable sessions, RequestLimits limits)
{
    /// <summary>Gives a message to its session, a new one for a handshake.</summary>
    public async Task PostAsync(HttpContext context, JsonRpcMessage message, string? user)
    {
        bool begins = message is JsonRpcRequest { Method: RequestMethods.Initialize };
        if (await FindAsync(context, user, begins, (message as JsonRpcMessageWithId)?.Id).ConfigureAwait(false) is not { } session) return;
        try
        {
            context.Response.Headers[McpHeaders.SessionId] = session.Id;
            context.StartEvents();
            bool answered = await session.Transport.HandlePostRequestAsync(message, context.Response.Body, context.RequestAborted).ConfigureAwait(false);
            if (!answered) context.Accept();
        }
        catch (JsonException e) when (begins && !context.Response.HasStarted)
        {
            await sessions.EndAsync(session.Id).ConfigureAwait(false);
            context.Response.Headers.Remove(McpHeaders.SessionId);
            await JsonRpcReply.ErrorAsync(
                context, StatusCodes.Status400BadRequest, (int)McpErrorCode.InvalidParams, e.Message, ((JsonRpcRequest)message).Id).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e, context, session))
        {
            context.Abort();
        }
        finally
        {
            sessions.Leave(session);
        }
    }

    /// <summary>Opens the stream on which the server speaks first, or resumes one that broke off.</summary>
    public async Task GetAsync(HttpContext context, string? user)
    {
        if (!context.Request.Headers.Accept.Any(value => value?.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) == true))
        {
            await JsonRpcReply.ErrorAsync(
                context, StatusCodes.Status406NotAcceptable, JsonRpcReply.Refused, "the client must accept text/event-stream").ConfigureAwait(false);
            return;
        }

        using IDisposable? place = await limits.OpenStreamAsync(context).ConfigureAwait(false);
        if (place is null || await FindAsync(context, user, begins: false, id: null).ConfigureAwait(false) is not { } session) return;
        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, session.Ending);
            string last = context.Request.Headers[McpHeaders.LastEventId].ToString();
            await (last.Length > 0 ? ResumeAsync(context, session, last, ending.Token) : ListenAsync(context, session, ending.Token)).ConfigureAwait(false);
        }
        catch (Exception e) when (IsEnd(e, context, session))
        {
            context.Abort();
        }
        finally
        {
            sessions.Leave(session);
        }
    }

    /// <summary>Ends a session.</summary>
    public async Task DeleteAsync(HttpContext context, string? user)
    {
        if (await FindAsync(context, user, begins: false, id: null).ConfigureAwait(false) is not { } session) return;
        await sessions.EndAsync(session.Id).ConfigureAwait(false);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task<Session?> FindAsync(HttpContext context, string? user, bool begins, RequestId? id)
    {
        string name = context.Request.Headers[McpHeaders.SessionId].ToString();
        if (name.Length == 0 && !begins)
        {
            await JsonRpcReply.ErrorAsync(
                context,
                StatusCodes.Status400BadRequest,
                (int)McpErrorCode.InvalidRequest,
                $"begin with 'initialize' and send the header {McpHeaders.SessionId} it is answered with; or name the revision in params._meta",
                id).ConfigureAwait(false);
            return null;
        }

        if (name.Length == 0)
        {
            if (await sessions.BeginAsync(user, context.RequestAborted).ConfigureAwait(false) is { } begun) return begun;
            context.Response.Headers.RetryAfter = "5";
            await JsonRpcReply.ErrorAsync(
                context, StatusCodes.Status503ServiceUnavailable, JsonRpcReply.Refused, "all sessions are in use", id).ConfigureAwait(false);
            return null;
        }

        if (await sessions.EnterAsync(name, context.RequestAborted).ConfigureAwait(false) is not { } session)
        {
            await JsonRpcReply.ErrorAsync(
                context, StatusCodes.Status404NotFound, JsonRpcReply.SessionNotFound, "there is no such session; begin a new one", id)
                .ConfigureAwait(false);
            return null;
        }

        if (session.User == user) return session;
        sessions.Leave(session);
        await JsonRpcReply.ErrorAsync(
            context, StatusCodes.Status403Forbidden, JsonRpcReply.Refused, "the session belongs to another user", id).ConfigureAwait(false);
        return null;
    }

    private static async Task ListenAsync(HttpContext context, Session session, CancellationToken cancellationToken)
    {
        if (session.HasListened)
        {
            // What the specification has for a server without such a stream; clients go on without one.
            context.Response.Headers.Allow = "POST, DELETE";
            await JsonRpcReply.ErrorAsync(
                context,
                StatusCodes.Status405MethodNotAllowed,
                JsonRpcReply.Refused,
                "this stream was open before and cannot be opened again without Last-Event-ID; begin a new session for another").ConfigureAwait(false);
            return;
        }

        if (!session.TryListen())
        {
            await JsonRpcReply.ErrorAsync(
                context, StatusCodes.Status409Conflict, JsonRpcReply.Refused, "the session has such a stream already").ConfigureAwait(false);
            return;
        }

        try
        {
            context.StartEvents();
            await session.Transport.HandleGetRequestAsync(context.Response.Body, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            session.StopListening();
        }
    }

    private static async Task ResumeAsync(HttpContext context, Session session, string lastEventId, CancellationToken cancellationToken)
    {
        if (await session.Events.GetStreamReaderAsync(lastEventId, cancellationToken).ConfigureAwait(false) is not { } reader)
        {
            await JsonRpcReply.ErrorAsync(
                context, StatusCodes.Status404NotFound, JsonRpcReply.Refused, $"what followed the event '{lastEventId}' is not kept; send the request again")
                .ConfigureAwait(false);
            return;
        }

        context.StartEvents();
        await context.Response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
        await SseFormatter.WriteAsync(reader.ReadEventsAsync(cancellationToken), context.Response.Body, Write, cancellationToken).ConfigureAwait(false);
    }

    private static void Write(SseItem<JsonRpcMessage?> item, IBufferWriter<byte> output)
    {
        if (item.Data is null) return;
        using var writer = new Utf8JsonWriter(output);
        JsonSerializer.Serialize(writer, item.Data, McpJsonUtilities.DefaultOptions);
    }

    private static bool IsEnd(Exception e, HttpContext context, Session session) =>
        e is OperationCanceledException or ObjectDisposedException or InvalidOperationException
        && (context.RequestAborted.IsCancellationRequested || session.Ending.IsCancellationRequested);
}
