using AgentKit.Kernel.Actors;
using AgentKit.Tools.Mcp;

namespace AgentKit.Server.Sessions;

/// <summary>
/// Owns a session: counts the requests in it, and ends it when none has come for a while. An actor that is made anew, by a message that came
/// too late, has no session and says so.
/// </summary>
internal sealed class SessionActor(string id, McpToolServer server, SessionTable table, TimeSpan idleTimeout) : Actor<SessionMessage>, IAsyncDisposable
{
    private const string Timer = "idle";

    private Session? _session;
    private int _requests;

    public async ValueTask DisposeAsync()
    {
        table.Forget(id);
        if (_session is { } session) await session.DisposeAsync().ConfigureAwait(false);
    }

    protected override ValueTask ReceiveAsync(SessionMessage message, ActorContext context)
    {
        switch (message)
        {
            case SessionMessage.Begin begin:
                _session = new Session(id, begin.User, server);
                Enter(context);
                break;
            case SessionMessage.Enter when _session is not null:
                Enter(context);
                break;
            case SessionMessage.Enter:
                context.ReplyFailure(new SessionEndedException());
                context.Stop();
                break;
            case SessionMessage.Leave when --_requests == 0:
                table.MarkIdle(id);
                context.StartTimer(Timer, idleTimeout, new SessionMessage.Idle());
                break;
            case SessionMessage.Idle when _requests == 0:
                context.Stop();
                break;
        }

        return ValueTask.CompletedTask;
    }

    private void Enter(ActorContext context)
    {
        _requests++;
        context.StopTimer(Timer);
        table.MarkBusy(id);
        context.Reply(_session!);
    }
}
