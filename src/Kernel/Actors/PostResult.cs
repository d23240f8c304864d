namespace AgentKit.Kernel.Actors;

/// <summary>What became of a message that was posted.</summary>
internal enum PostResult
{
    /// <summary>Queued.</summary>
    Accepted,

    /// <summary>No room.</summary>
    Full,

    /// <summary>The actor is down and takes nothing.</summary>
    Down,

    /// <summary>The mailbox has ended; a new one takes its place.</summary>
    Gone,
}
