namespace AgentKit.Kernel.Actors;

/// <summary>What is done about an actor that has thrown. In every case the instance is discarded.</summary>
public enum FailureResponse
{
    /// <summary>
    /// A new instance takes its place after a wait, and the messages that queue are its. When the restarts are used up, the failure is
    /// escalated.
    /// </summary>
    Restart,

    /// <summary>The actor goes down: what waits is dead-lettered, and so is what comes, until it is stopped by name.</summary>
    Stop,

    /// <summary>As <see cref="Stop"/>, and the actor that supervises it is told, with an <see cref="ActorFailed"/>.</summary>
    Escalate,
}
