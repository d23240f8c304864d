namespace AgentKit.Kernel.Actors;

/// <summary>
/// Carries messages to actors that live elsewhere. The actor system asks it about every address; without one, all actors live in the
/// process. On the other side the messages enter through <see cref="ActorSystem.TellAsync"/> and <see cref="ActorSystem.AskFromAsync"/>.
/// </summary>
public interface IActorTransport
{
    /// <summary>Whether an actor lives in this process. Asked for every message, so it must be quick.</summary>
    bool IsLocal(ActorId id);

    /// <summary>Delivers a message elsewhere; done when the other side has queued it.</summary>
    ValueTask TellAsync(ActorId to, object message, CancellationToken cancellationToken);

    /// <summary>Asks an actor elsewhere.</summary>
    /// <param name="to">Whom to ask.</param>
    /// <param name="message">What to ask.</param>
    /// <param name="askers">The actors that wait for the answer, the most recent first; the other side needs them to see cycles.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task<object> AskAsync(ActorId to, object message, IReadOnlyList<ActorId> askers, CancellationToken cancellationToken);
}
