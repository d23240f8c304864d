namespace AgentKit.Kernel.Actors;

/// <summary>An ask failed because its actor stopped, or is down after a failure, before it answered.</summary>
/// <param name="actor">The actor that was asked.</param>
/// <param name="reason">Why it did not answer.</param>
/// <param name="inner">The failure that stopped it, if there was one.</param>
public sealed class ActorStoppedException(ActorId actor, string reason, Exception? inner = null)
    : Exception($"Actor {actor} did not answer: {reason}.", inner);
