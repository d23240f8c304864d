namespace AgentKit.Kernel.Actors;

/// <summary>A message that was accepted and not handled to its end.</summary>
/// <param name="To">The actor it was meant for.</param>
/// <param name="Message">The message.</param>
/// <param name="Reason">Why it was not handled.</param>
/// <param name="Error">What the actor threw, if it did.</param>
public sealed record DeadLetter(ActorId To, object Message, DeadLetterReason Reason, Exception? Error);
