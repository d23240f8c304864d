using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace AgentKit.Kernel.Actors;

/// <summary>
/// One actor's queue and the loop that drives it. The loop is not a long-lived task: a message to an idle mailbox puts it on the thread
/// pool, where it runs until the queue is empty and then costs nothing. Every change of state happens under one lock; the actor runs
/// outside of it.
/// </summary>
internal sealed class Mailbox(ActorId id, ActorKind kind) : IThreadPoolWorkItem
{
    /// <summary>Messages handled before the thread goes to another mailbox, so that a busy actor does not starve the others.</summary>
    private const int Turn = 128;

    /// <summary>One in so many activations goes to the shared queue of the pool, so that a chain on one thread lets others have it.</summary>
    private const int Shared = 64;

    [ThreadStatic]
    private static int threadActivations;

    private readonly Lock _gate = new();
    private MailboxQueue _queue = new(kind.Options.MailboxCapacity);
    private MailboxState _state;
    private SystemMessages _system;
    private int _activations;
    private int _activationsSeen;
    private volatile Mailbox? _blockedOn;
    private Actor? _actor;
    private ActorContext? _context;
    private Supervisor? _supervisor;
    private Dictionary<string, ActorTimer>? _timers;
    private TaskCompletionSource? _quiet;

    public ActorId Id { get; } = id;

    public ActorKind Kind { get; } = kind;

    /// <summary>How often the mailbox has gone to work; unchanged between two looks means that it slept.</summary>
    public int Activations
    {
        get { lock (_gate) return _activations; }
    }

    /// <summary>The mailbox whose room this actor waits for.</summary>
    public Mailbox? BlockedOn
    {
        get => _blockedOn;
        set => _blockedOn = value;
    }

    /// <summary>Queues a message and wakes the actor.</summary>
    public PostResult TryPost(object message)
    {
        lock (_gate)
        {
            if (_state is MailboxState.Stopped) return PostResult.Gone;
            if (_state is MailboxState.Down) return PostResult.Down;
            if (!_queue.TryEnqueue(message)) return PostResult.Full;
            if (_state is MailboxState.Idle) Activate();
            return PostResult.Accepted;
        }
    }

    /// <summary>As <see cref="TryPost"/>, but a full mailbox makes the sender wait.</summary>
    public async ValueTask<PostResult> PostAsync(object message, CancellationToken cancellationToken)
    {
        LinkedListNode<WaitingSender> sender;
        lock (_gate)
        {
            // TryPost re-enters the lock: room that appeared since the sender's last try is used, and no place can open between try and
            // wait.
            PostResult result = TryPost(message);
            if (result is not PostResult.Full) return result;
            sender = _queue.Wait(message);
        }

        await using CancellationTokenRegistration registration = cancellationToken.Register(() =>
        {
            lock (_gate)
            {
                if (_queue.Withdraw(sender)) sender.Value.Admitted.TrySetCanceled(cancellationToken);
            }
        });
        await sender.Value.Admitted.Task.ConfigureAwait(false);
        return PostResult.Accepted;
    }

    /// <summary>Sends a system message; it is handled before every waiting message and never refused.</summary>
    public void Signal(SystemMessages message)
    {
        lock (_gate)
        {
            if (_state is MailboxState.Stopped) return;
            _system |= message;
            if (_state is MailboxState.Scheduled) return;
            Activate();
        }
    }

    /// <summary>Lets the actor go if it has slept since the last time this was asked.</summary>
    public void PassivateIfIdle()
    {
        lock (_gate)
        {
            bool slept = _state is MailboxState.Idle && _activations == _activationsSeen && _timers is null;
            _activationsSeen = _activations;
            if (slept) Signal(SystemMessages.Passivate);
        }
    }

    /// <summary>Starts a timer, in the place of one of the same name. From within the actor only.</summary>
    public void StartTimer(string name, TimeSpan due, object message, TimeSpan? period)
    {
        StopTimer(name);
        var timer = new ActorTimer(this, message, period is not null);
        (_timers ??= new(StringComparer.Ordinal))[name] = timer;
        timer.Start(Kind.System.Time, due, period ?? Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends a timer. From within the actor only.</summary>
    public void StopTimer(string name)
    {
        if (_timers is null || !_timers.Remove(name, out ActorTimer? timer)) return;
        timer.Dispose();
        if (_timers.Count == 0) _timers = null;
    }

    /// <summary>Done when the actor has nothing to do now: idle, waiting to be restarted, down or stopped.</summary>
    public Task WhenQuiet()
    {
        lock (_gate)
        {
            if (_state is not MailboxState.Scheduled) return Task.CompletedTask;
            _quiet ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _quiet.Task;
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    /// <summary>The mailbox loop.</summary>
    private async Task RunAsync()
    {
        for (int turn = 0; turn < Turn; turn++)
        {
            if (!TryTake(out SystemMessages system, out object? message)) return;

            // 1. System messages first: a stop overtakes everything that waits.
            if (message is null)
            {
                if (!await HandleAsync(system).ConfigureAwait(false)) return;
                continue;
            }

            // 2. One message at a time: the next is taken when the actor is done with this one.
            if (message is ActorTimer timer && !TakeTick(timer, out message)) continue;
            Ask? ask = message as Ask;
            try
            {
                _actor ??= Kind.Create(Id);
                ActorContext context = ask is null ? _context ??= new ActorContext(this, null) : new ActorContext(this, ask);
                await _actor.ReceiveAsync(ask?.Message ?? message, context).ConfigureAwait(false);
                if (ask is { Answered: false })
                    ask.Fail(new InvalidOperationException($"Actor {Id} handled {ask.Message.GetType()} without replying."));
            }
            // 3. A failure goes to the supervisor, whatever it is: an actor never takes the process down.
            catch (Exception error)
            {
                Report(message, ask, error);
                if (!await SuperviseAsync(error).ConfigureAwait(false)) return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Puts the mailbox on the thread pool. Under the lock.</summary>
    private void Activate()
    {
        _state = MailboxState.Scheduled;
        _activations++;

        // On the sender's thread what it has just written is still in the cache, and a tree of actors is walked depth first.
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: ++threadActivations % Shared != 0);
    }

    /// <summary>Takes the system messages if there are any, else the oldest message; without either, the mailbox falls asleep.</summary>
    private bool TryTake(out SystemMessages system, out object? message)
    {
        lock (_gate)
        {
            (system, _system) = (_system, SystemMessages.None);
            message = system is SystemMessages.None ? _queue.Dequeue() : null;
            if (system is not SystemMessages.None || message is not null) return true;
            _queue.Trim();
            BecomeQuiet(MailboxState.Idle);
            return false;
        }
    }

    /// <returns>Whether the loop goes on.</returns>
    private async ValueTask<bool> HandleAsync(SystemMessages system)
    {
        _supervisor?.Backoff?.Dispose();
        if (system.HasFlag(SystemMessages.Stop))
        {
            await EndAsync(MailboxState.Stopped, error: null).ConfigureAwait(false);
            return false;
        }

        if (!system.HasFlag(SystemMessages.Passivate)) return true;

        // The actor goes first: while it stores what it must, messages queue up, and then they make a new one here.
        await DisposeActorAsync().ConfigureAwait(false);
        lock (_gate)
        {
            if (_queue.Count > 0 || _system is not SystemMessages.None) return true;
            BecomeQuiet(MailboxState.Stopped);
        }

        ActorMetrics.Passivations.Add(1, ActorMetrics.KindOf(Id));
        Kind.System.Forget(this);
        return false;
    }

    /// <summary>The message of a timer that is due; none when the timer was stopped or replaced in the meantime.</summary>
    private bool TakeTick(ActorTimer timer, [NotNullWhen(true)] out object? message)
    {
        timer.Take();
        message = timer.Message;
        string? name = _timers?.FirstOrDefault(pair => pair.Value == timer).Key;
        if (name is null) return false;
        if (!timer.Repeats) StopTimer(name);
        return true;
    }

    /// <returns>Whether the loop goes on at once; otherwise the mailbox rests until the restart, or is down.</returns>
    private async ValueTask<bool> SuperviseAsync(Exception error)
    {
        await DisposeActorAsync().ConfigureAwait(false);
        _supervisor ??= new Supervisor(Kind.Options, Kind.System.Time);
        FailureResponse response = Respond(error);
        if (response is not FailureResponse.Restart || _supervisor.OnFailure() is not { } backoff)
        {
            Kind.System.Logger.LogError(error, "Actor {Actor} failed and stays down ({Response})", Id, response);
            if (response is not FailureResponse.Stop) Kind.System.Escalate(Kind, new ActorFailed(Id, error));
            await EndAsync(MailboxState.Down, error).ConfigureAwait(false);
            return false;
        }

        ActorMetrics.Restarts.Add(1, ActorMetrics.KindOf(Id));
        Kind.System.Logger.LogWarning(error, "Actor {Actor} failed; restart in {Backoff}", Id, backoff);
        lock (_gate)
        {
            if (_system is not SystemMessages.None) return true;
            BecomeQuiet(MailboxState.Suspended);
            _supervisor.Backoff = Kind.System.Time.CreateTimer(
                static mailbox => ((Mailbox)mailbox!).Signal(SystemMessages.Restart), this, backoff, Timeout.InfiniteTimeSpan);
        }

        return false;
    }

    private FailureResponse Respond(Exception error)
    {
        try
        {
            return Kind.Options.OnFailure(error);
        }
        catch (Exception e)
        {
            Kind.System.Logger.LogError(e, "What to do about a failure of actor {Actor} could not be decided", Id);
            return FailureResponse.Escalate;
        }
    }

    /// <summary>
    /// Ends the actor: what still waits is dead-lettered and its asks fail. Quiet only after the last of them, so that nobody misses one.
    /// </summary>
    private async ValueTask EndAsync(MailboxState end, Exception? error)
    {
        await DisposeActorAsync().ConfigureAwait(false);
        DeadLetterReason reason = end is MailboxState.Down ? DeadLetterReason.Down : DeadLetterReason.Stopped;
        while (TryTakeLeftover(ref end, out object? message)) Kind.System.DeadLetter(Id, message, reason, error);
        if (end is MailboxState.Stopped) Kind.System.Forget(this);
    }

    private bool TryTakeLeftover(ref MailboxState end, [NotNullWhen(true)] out object? message)
    {
        lock (_gate)
        {
            message = _queue.Dequeue();
            if (message is not null) return true;
            _queue.Trim();

            // Whoever was told that the actor goes down may already have asked for a new one.
            if (_system.HasFlag(SystemMessages.Stop)) end = MailboxState.Stopped;
            BecomeQuiet(end);
            return false;
        }
    }

    private void BecomeQuiet(MailboxState state)
    {
        _state = state;
        _quiet?.TrySetResult();
        _quiet = null;
    }

    private void Report(object message, Ask? ask, Exception error)
    {
        // An asker learns of the failure itself; a tell has nobody else to tell.
        if (ask is null) Kind.System.DeadLetter(Id, message, DeadLetterReason.Failed, error);
        else ask.Fail(error);
    }

    private async ValueTask DisposeActorAsync()
    {
        Actor? actor = _actor;
        (_actor, _context) = (null, null);
        if (_timers is not null)
        {
            foreach (ActorTimer timer in _timers.Values) timer.Dispose();
            _timers = null;
        }

        try
        {
            if (actor is IAsyncDisposable asyncDisposable) await asyncDisposable.DisposeAsync().ConfigureAwait(false);
            else (actor as IDisposable)?.Dispose();
        }
        catch (Exception e)
        {
            Kind.System.Logger.LogError(e, "Actor {Actor} failed while it was disposed", Id);
        }
    }
}
