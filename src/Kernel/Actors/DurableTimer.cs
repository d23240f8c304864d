namespace AgentKit.Kernel.Actors;

/// <summary>
/// A timer that outlives the process that set it, and what its actor is sent when it is due. The actor gets it at least once: a process
/// that dies between the delivery and the removal leaves it to the next one. Who must act once keeps what it has seen by name and time.
/// </summary>
/// <param name="Actor">Whom it wakes.</param>
/// <param name="Name">Which timer of that actor.</param>
/// <param name="Due">When; kept to the microsecond.</param>
/// <param name="Text">What the actor wants to be told then.</param>
public sealed record DurableTimer(ActorId Actor, string Name, DateTimeOffset Due, string Text);
