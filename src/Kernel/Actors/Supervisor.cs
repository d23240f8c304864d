namespace AgentKit.Kernel.Actors;

/// <summary>
/// Decides after a failure: how long to wait before the restart, or that the restarts are used up. One per actor that has failed.
/// </summary>
internal sealed class Supervisor(ActorKindOptions options, TimeProvider time)
{
    private readonly Queue<long> _failures = new();

    /// <summary>The running wait before a restart.</summary>
    public ITimer? Backoff { get; set; }

    /// <summary>Records a failure.</summary>
    /// <returns>The wait before the restart; <c>null</c> when the budget is used up.</returns>
    public TimeSpan? OnFailure()
    {
        while (_failures.TryPeek(out long oldest) && time.GetElapsedTime(oldest) > options.RestartWindow) _failures.Dequeue();
        if (_failures.Count >= options.MaxRestarts) return null;
        double factor = Math.Pow(2, _failures.Count);
        _failures.Enqueue(time.GetTimestamp());
        return TimeSpan.FromTicks((long)Math.Min(options.FirstBackoff.Ticks * factor, options.MaxBackoff.Ticks));
    }
}
