namespace AgentKit.Kernel.Actors;

/// <summary>Why a message found no living actor.</summary>
public enum DeadLetterReason
{
    /// <summary>The actor threw while it handled the message.</summary>
    Failed,

    /// <summary>The actor stopped before it came to the message.</summary>
    Stopped,

    /// <summary>The actor is down after a failure and takes nothing until it is stopped by name.</summary>
    Down,

    /// <summary>The actor lives elsewhere and the transport could not deliver.</summary>
    Unreachable,
}
