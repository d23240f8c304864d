namespace AgentKit.Kernel.Actors;

/// <summary>A timer of one actor; queued as a message when it is due, so that it never runs beside the actor.</summary>
internal sealed class ActorTimer(Mailbox mailbox, object message, bool repeats) : IDisposable
{
    private ITimer? _timer;
    private int _queued;

    public object Message => message;

    /// <summary>Whether it goes on after a tick.</summary>
    public bool Repeats => repeats;

    public void Start(TimeProvider time, TimeSpan due, TimeSpan period) =>
        _timer = time.CreateTimer(static timer => ((ActorTimer)timer!).Fire(), this, due, period);

    /// <summary>The tick is being handled; the next one may be queued.</summary>
    public void Take() => Volatile.Write(ref _queued, 0);

    public void Dispose() => _timer?.Dispose();

    private void Fire()
    {
        // A slow actor gets one late tick, not a heap of them.
        if (Interlocked.Exchange(ref _queued, 1) == 0) _ = mailbox.PostAsync(this, CancellationToken.None).AsTask();
    }
}
