using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Errors;
using Microsoft.Extensions.Logging;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>
/// Keeps one server connected: connects, holds what it offers against what was approved, connects again when it is gone, waiting longer
/// each time. Calls borrow the connection and run beside the actor, so that a slow one holds up none.
/// </summary>
internal sealed class ServerActor(McpServerEntry entry, ServerConnector connector, TimeProvider time, ILogger logger)
    : Actor<ServerMessage>, IAsyncDisposable
{
    private const string RetryTimer = "retry";
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private ServerMessage.Offer? _offer;
    private UserInputException? _blocked;
    private int _failures;
    private long _connectedAt;
    private (long At, TimeSpan Wait)? _pause;

    /// <summary>A connection that ended sooner than this counts as failed: a server that starts and dies again must not be started in a circle.</summary>
    public static TimeSpan SteadyAfter { get; } = TimeSpan.FromMinutes(1);

    protected override async ValueTask ReceiveAsync(ServerMessage message, ActorContext context)
    {
        switch (message)
        {
            case ServerMessage.Connect connect:
                await AnswerAsync(context, connect.Stop).ConfigureAwait(false);
                break;
            case ServerMessage.Borrow:
                context.Reply(await LendAsync(context).ConfigureAwait(false));
                break;
            case ServerMessage.Lost lost when lost.Connection == _offer?.Connection:
                await LoseAsync(context).ConfigureAwait(false);
                break;
            case ServerMessage.Changed when _offer is not null:
                await LookAgainAsync(context).ConfigureAwait(false);
                break;
            case ServerMessage.Retry when _offer is null && _blocked is null:
                await TryAsync(context, context.Stopping).ConfigureAwait(false);
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_offer is not { } offer) return;
        _offer = null;
        await offer.Connection.DisposeAsync().ConfigureAwait(false);
    }

    private async Task AnswerAsync(ActorContext context, CancellationToken stop)
    {
        try
        {
            if (_blocked is not null) throw _blocked;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, context.Stopping);
            if (_offer is null) await OpenAsync(context, either.Token).ConfigureAwait(false);
            context.Reply(_offer!);
        }
        catch (Exception e) when (e is UserInputException or OperationCanceledException)
        {
            context.ReplyFailure(e);
        }
    }

    private async Task<ServerMessage.Lease> LendAsync(ActorContext context)
    {
        if (_offer is null && _blocked is null && Remaining() == TimeSpan.Zero) await TryAsync(context, context.Stopping).ConfigureAwait(false);
        if (_blocked is not null) return new ServerMessage.Lease(null, _blocked.Message);
        if (_offer is not null) return new ServerMessage.Lease(_offer.Connection);
        TimeSpan wait = Remaining();
        return new ServerMessage.Lease(null, $"the tool server '{entry.Name}' does not answer; the next attempt to start it is in {Math.Ceiling(wait.TotalSeconds)} s", wait);
    }

    /// <summary>Connects; a failure is logged and sets the time of the next attempt.</summary>
    private async Task TryAsync(ActorContext context, CancellationToken stop)
    {
        try
        {
            await OpenAsync(context, stop).ConfigureAwait(false);
            logger.LogInformation("The tool server {Server} is connected again", entry.Name);
        }
        catch (UserInputException e) when (_blocked is null)
        {
            Pause(context);
            logger.LogWarning("The tool server {Server} cannot be connected to, attempt {Attempt}: {Reason}", entry.Name, _failures, e.Message);
        }
        catch (UserInputException e)
        {
            logger.LogError("{Reason}", e.Message);
        }
    }

    /// <exception cref="UserInputException">It cannot be connected to, or <see cref="_blocked"/> is set for good.</exception>
    private async Task OpenAsync(ActorContext context, CancellationToken stop)
    {
        ActorSystem system = context.System;
        ActorId self = context.Self;
        try
        {
            _offer = await connector.ConnectAsync(entry, () => Post(system, self, new ServerMessage.Changed()), stop).ConfigureAwait(false);
        }
        catch (NotApprovedException e)
        {
            throw _blocked = new UserInputException(entry.Spec.Option, e.Message, e);
        }

        (_connectedAt, _pause) = (time.GetTimestamp(), null);
        context.StopTimer(RetryTimer);
        McpToolConnection connection = _offer.Connection;
        _ = connection.Closed.ContinueWith(
            _ => Post(system, self, new ServerMessage.Lost(connection)), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task LoseAsync(ActorContext context)
    {
        McpToolConnection connection = _offer!.Connection;
        _offer = null;
        logger.LogWarning("The tool server {Server} is gone", entry.Name);
        await connection.DisposeAsync().ConfigureAwait(false);
        if (time.GetElapsedTime(_connectedAt) >= SteadyAfter) _failures = 0;
        Pause(context);
    }

    private async Task LookAgainAsync(ActorContext context)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.Stopping);
        limit.CancelAfter(entry.Spec.ConnectTimeout);
        try
        {
            _offer = await connector.RefreshAsync(entry, _offer!.Connection, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!context.Stopping.IsCancellationRequested)
        {
            // It announces changes and does not say which: calls must not wait for that.
            await LoseAsync(context).ConfigureAwait(false);
        }
        catch (NotApprovedException e)
        {
            _blocked = new UserInputException(entry.Spec.Option, e.Message, e);
            logger.LogError("{Reason}", e.Message);
            await DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is ToolException or UserInputException)
        {
            logger.LogWarning("The tool server {Server} does not say what has changed: {Reason}", entry.Name, e.Message);
        }
    }

    private void Pause(ActorContext context)
    {
        double factor = Math.Pow(2, Math.Min(_failures++, 20));
        TimeSpan wait = FirstWait * factor < LongestWait ? FirstWait * factor : LongestWait;
        _pause = (time.GetTimestamp(), wait);
        context.StartTimer(RetryTimer, wait, new ServerMessage.Retry());
    }

    private TimeSpan Remaining() =>
        _pause is { } pause && pause.Wait - time.GetElapsedTime(pause.At) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private static void Post(ActorSystem system, ActorId self, ServerMessage message)
    {
        try
        {
            system.Tell(self, message);
        }
        catch (ObjectDisposedException)
        {
            // The hub is ending, and its connections with it.
            return;
        }
    }
}
