namespace AgentKit.Kernel.Actors;

/// <summary>A message whose sender waits for an answer. Tells are queued bare, so that only asks pay for an envelope.</summary>
internal abstract class Ask(object message, AskChain? chain)
{
    /// <summary>What is asked.</summary>
    public object Message { get; } = message;

    /// <summary>The actors that wait for this answer.</summary>
    public AskChain? Chain { get; } = chain;

    /// <summary>Whether the asker has its answer or its failure.</summary>
    public abstract bool Answered { get; }

    /// <summary>Answers; ignored when already answered or when the asker has gone.</summary>
    public abstract void Reply(ActorId from, object value);

    /// <summary>Makes the asker's wait end with an exception.</summary>
    public abstract void Fail(Exception error);
}

/// <summary>An ask for a <typeparamref name="T"/>.</summary>
internal sealed class Ask<T>(object message, AskChain? chain) : Ask(message, chain)
{
    // Asynchronous continuations: the asker's code must not run inside the actor that answers it.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public override bool Answered => _answer.Task.IsCompleted;

    public override void Reply(ActorId from, object value)
    {
        if (value is T answer) _answer.TrySetResult(answer);
        else Fail(new InvalidOperationException($"Actor {from} answered {value.GetType()} where {typeof(T)} was asked for."));
    }

    public override void Fail(Exception error) => _answer.TrySetException(error);
}
