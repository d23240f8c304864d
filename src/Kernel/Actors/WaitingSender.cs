namespace AgentKit.Kernel.Actors;

/// <summary>A sender that waits for room in a full mailbox.</summary>
internal sealed class WaitingSender(object message)
{
    public object Message { get; } = message;

    /// <summary>Done when the message is queued. Asynchronous, because it is completed under the mailbox's lock.</summary>
    public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
