namespace AgentKit.Kernel.Actors;

/// <summary>Messages of the runtime to a mailbox. A set, because a second one of the same kind says nothing new.</summary>
[Flags]
internal enum SystemMessages : byte
{
    None = 0,

    /// <summary>The backoff is over: go on with a new actor.</summary>
    Restart = 1,

    /// <summary>End the actor.</summary>
    Stop = 2,

    /// <summary>Let the actor go, unless there is work again.</summary>
    Passivate = 4,
}
