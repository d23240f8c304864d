namespace AgentKit.Kernel.Actors;

/// <summary>Keeps timers that outlive the process. Implementations are safe for concurrent use by many processes.</summary>
public interface ITimerStore
{
    /// <summary>Sets a timer, in the place of one of the same actor and name; once this returns it survives a crash.</summary>
    ValueTask SetAsync(DurableTimer timer, CancellationToken cancellationToken = default);

    /// <summary>Takes a timer away.</summary>
    /// <param name="timer">The timer; one that was set anew in the meantime, for another time, stays.</param>
    /// <param name="cancellationToken">Cancels waiting, never a write that has begun.</param>
    /// <returns>Whether it was there.</returns>
    ValueTask<bool> RemoveAsync(DurableTimer timer, CancellationToken cancellationToken = default);

    /// <summary>The timers of some actors that are due, the earliest first.</summary>
    /// <param name="kind">The kind of the actors.</param>
    /// <param name="now">The time by which they are due; <see cref="DateTimeOffset.MaxValue"/> for all there are.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    IAsyncEnumerable<DurableTimer> DueAsync(string kind, DateTimeOffset now, CancellationToken cancellationToken = default);
}
