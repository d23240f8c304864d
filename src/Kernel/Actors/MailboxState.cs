namespace AgentKit.Kernel.Actors;

/// <summary>Where a mailbox stands.</summary>
internal enum MailboxState : byte
{
    /// <summary>Nothing to do.</summary>
    Idle,

    /// <summary>On the thread pool, or in the middle of a message.</summary>
    Scheduled,

    /// <summary>Waits for its restart; messages queue up.</summary>
    Suspended,

    /// <summary>Has used up its restarts.</summary>
    Down,

    /// <summary>Gone; the next message to the same id makes a new one.</summary>
    Stopped,
}
