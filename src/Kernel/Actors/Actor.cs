namespace AgentKit.Kernel.Actors;

/// <summary>
/// The type an author derives from: private state and one method. Messages arrive one at a time, so the state needs no lock. An actor that
/// implements <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/> is disposed when it stops and before it is restarted.
/// </summary>
public abstract class Actor
{
    /// <summary>Handles one message. The next one is delivered when the returned task is done.</summary>
    /// <param name="message">The message.</param>
    /// <param name="context">Whom the actor can reach while it handles this message; not to be kept afterwards.</param>
    /// <remarks>
    /// An exception makes the supervisor discard this instance and start a new one, unless <see cref="ActorKindOptions.OnFailure"/> says
    /// otherwise; the message is not delivered again.
    /// </remarks>
    public abstract ValueTask ReceiveAsync(object message, ActorContext context);
}

/// <summary>An actor that understands one type of message, mostly the base of a few records.</summary>
/// <typeparam name="TMessage">What it understands; anything else counts as a failure.</typeparam>
public abstract class Actor<TMessage> : Actor
    where TMessage : class
{
    /// <inheritdoc/>
    public sealed override ValueTask ReceiveAsync(object message, ActorContext context) => message is TMessage mine
        ? ReceiveAsync(mine, context)
        : throw new ArgumentException($"{context.Self} understands {typeof(TMessage)}, not {message.GetType()}.", nameof(message));

    /// <inheritdoc cref="Actor.ReceiveAsync"/>
    protected abstract ValueTask ReceiveAsync(TMessage message, ActorContext context);
}
