using AgentKit.Kernel.Actors;

namespace AgentKit.Memory.Journal;

/// <summary>A dead letter as it lies in a journal's file.</summary>
/// <param name="At">When it was found.</param>
/// <param name="To">The actor it was meant for.</param>
/// <param name="Reason">Why it was not handled.</param>
/// <param name="Type">Type of the message.</param>
/// <param name="Message">The message as text.</param>
/// <param name="Error">What the actor threw, if it did: type and message.</param>
/// <param name="Process">The process in which it happened, as <c>host/pid/start</c>.</param>
public sealed record DeadLetterRecord(
    DateTimeOffset At, ActorId To, DeadLetterReason Reason, string Type, string Message, string? Error, string Process);
