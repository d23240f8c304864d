namespace AgentKit.Kernel.Actors;

/// <summary>A mailbox has no room and the sender cannot wait for it: it sends synchronously, or its waiting would never end.</summary>
/// <param name="to">The actor whose mailbox is full.</param>
/// <param name="capacity">Messages the mailbox holds.</param>
/// <param name="reason">Why the sender cannot wait.</param>
public sealed class MailboxFullException(ActorId to, int capacity, string reason)
    : Exception($"The mailbox of {to} is full ({capacity} messages) and {reason}.");
