using Microsoft.Extensions.Logging;

namespace AgentKit.Kernel.Actors;

/// <summary>
/// Wakes the actors of one kind by timers that are kept in a store: sends each <see cref="DurableTimer"/> to its actor when it is due, also
/// when the process that set it has died, and takes it out of the store once the actor has replied to it.
/// </summary>
public sealed class DurableTimers : IAsyncDisposable
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private readonly ActorSystem _system;
    private readonly ITimerStore _store;
    private readonly string _kind;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _changed = new(0);
    private readonly Task _work;

    /// <summary>Starts to watch a store; timers that became due in the meantime are delivered at once.</summary>
    /// <param name="system">Where the actors live; their kind must be registered.</param>
    /// <param name="store">Where the timers are kept.</param>
    /// <param name="kind">The kind of the actors; they confirm a timer by replying to it, with whatever they like.</param>
    public DurableTimers(ActorSystem system, ITimerStore store, string kind)
    {
        (_system, _store, _kind, _logger) = (system, store, kind, system.Logger);
        _work = Task.Run(WatchAsync);
    }

    /// <summary>Sets a timer, in the place of one of the same actor and name; once this returns it survives a crash.</summary>
    /// <param name="timer">The timer.</param>
    /// <param name="cancellationToken">Cancels waiting, never a write that has begun.</param>
    public async ValueTask SetAsync(DurableTimer timer, CancellationToken cancellationToken = default)
    {
        if (timer.Actor.Kind != _kind) throw new ArgumentException($"These are the timers of '{_kind}', not of {timer.Actor}.", nameof(timer));
        await _store.SetAsync(timer, cancellationToken).ConfigureAwait(false);
        _changed.Release();
    }

    /// <summary>Takes a timer away that is not due yet.</summary>
    /// <param name="timer">The timer.</param>
    /// <param name="cancellationToken">Cancels waiting, never a write that has begun.</param>
    /// <returns>Whether it was there.</returns>
    public ValueTask<bool> RemoveAsync(DurableTimer timer, CancellationToken cancellationToken = default) =>
        _store.RemoveAsync(timer, cancellationToken);

    /// <summary>Stops watching; the timers stay in the store.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _changed.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                // 1. Deliver what is due.
                TimeSpan sleep = await DeliverAsync().ConfigureAwait(false);

                // 2. Sleep until the next one is, or until one is set here. Other processes may set some too: look now and then.
                using var due = new CancellationTokenSource(sleep, _system.Time);
                using var wake = CancellationTokenSource.CreateLinkedTokenSource(due.Token, _stop.Token);
                await _changed.WaitAsync(wake.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The next timer is due, or the watch ends.
                continue;
            }
            catch (Exception e)
            {
                _logger.LogError(e, "The timers of {Kind} could not be looked at; the next look is in {Sleep}", _kind, LongestSleep);
                await Task.Delay(LongestSleep, _system.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>How long to sleep.</returns>
    private async Task<TimeSpan> DeliverAsync()
    {
        await foreach (DurableTimer timer in _store.DueAsync(_kind, DateTimeOffset.MaxValue, _stop.Token).ConfigureAwait(false))
        {
            TimeSpan left = timer.Due - _system.Time.GetUtcNow();
            if (left > TimeSpan.Zero) return left < LongestSleep ? left : LongestSleep;
            try
            {
                await _system.AskAsync<object>(timer.Actor, timer, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // An actor that cannot handle its timer now must not keep the others from theirs; it is tried again at the next look.
                _logger.LogWarning(e, "Actor {Actor} did not handle its timer '{Timer}'", timer.Actor, timer.Name);
                continue;
            }

            await _store.RemoveAsync(timer, _stop.Token).ConfigureAwait(false);
        }

        return LongestSleep;
    }
}
