namespace AgentKit.Kernel.Actors;

/// <summary>What an actor can do while it handles a message. Belongs to that message; not to be kept after it.</summary>
public sealed class ActorContext
{
    private readonly Mailbox _mailbox;
    private readonly Ask? _ask;

    internal ActorContext(Mailbox mailbox, Ask? ask) => (_mailbox, _ask) = (mailbox, ask);

    /// <summary>The actor's own address.</summary>
    public ActorId Self => _mailbox.Id;

    /// <summary>The system it lives in. Inside of a message send through this context instead: it carries who waits for whom.</summary>
    public ActorSystem System => _mailbox.Kind.System;

    /// <summary>Cancelled when the system has waited long enough for its actors and wants them to end.</summary>
    public CancellationToken Stopping => System.Stopping;

    /// <summary>Sends a message without waiting.</summary>
    /// <exception cref="MailboxFullException">The mailbox is full.</exception>
    public void Tell(ActorId to, object message) => System.Post(to, message);

    /// <summary>Sends a message; waits while the mailbox is full.</summary>
    /// <exception cref="MailboxFullException">The mailbox is full and its actor waits for this one, so waiting would never end.</exception>
    public ValueTask TellAsync(ActorId to, object message, CancellationToken cancellationToken = default) =>
        System.PostAsync(to, message, _mailbox, _ask?.Chain, cancellationToken);

    /// <summary>Sends a message and waits for the answer.</summary>
    /// <typeparam name="T">Type of the answer.</typeparam>
    /// <exception cref="AskCycleException">The actor already waits for this one, directly or through others.</exception>
    /// <exception cref="ActorStoppedException">The actor stopped before it answered.</exception>
    public Task<T> AskAsync<T>(ActorId to, object message, CancellationToken cancellationToken = default) =>
        System.AskAsync<T>(to, message, _mailbox, new AskChain(Self, _ask?.Chain), cancellationToken);

    /// <summary>Answers the message in hand; without effect when it was told and not asked.</summary>
    public void Reply(object answer) => _ask?.Reply(Self, answer);

    /// <summary>Answers with a failure that is the asker's business; unlike throwing, it does not restart the actor.</summary>
    public void ReplyFailure(Exception error) => _ask?.Fail(error);

    /// <summary>
    /// Sends this actor a message later, as one among its others; a timer of the same name is replaced, and what it has queued is not
    /// delivered. Timers end with the actor, also when it is restarted.
    /// </summary>
    /// <param name="name">Name of the timer.</param>
    /// <param name="due">How much later.</param>
    /// <param name="message">The message.</param>
    /// <param name="period">For a timer that goes on: the time from tick to tick. A slow actor misses ticks.</param>
    public void StartTimer(string name, TimeSpan due, object message, TimeSpan? period = null) =>
        _mailbox.StartTimer(name, due, message, period);

    /// <summary>Ends a timer; what it has queued is not delivered. Without effect when there is none of that name.</summary>
    /// <param name="name">Name of the timer.</param>
    public void StopTimer(string name) => _mailbox.StopTimer(name);

    /// <summary>Ends this actor after the message in hand. What still waits is dead-lettered; the next message makes a new actor.</summary>
    public void Stop() => _mailbox.Signal(SystemMessages.Stop);
}
