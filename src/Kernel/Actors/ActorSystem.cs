using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace AgentKit.Kernel.Actors;

/// <summary>
/// Actors by address. An actor is made by the first message to it, handles one message at a time, is restarted when it fails, and costs
/// nothing but its memory while it is idle. Delivery is at most once and in order per sender; what is not delivered becomes a dead letter.
/// </summary>
public sealed class ActorSystem : IAsyncDisposable
{
    private enum Phase
    {
        Open,
        Draining,
        Closed,
    }

    private readonly ConcurrentDictionary<string, ActorKind> _kinds = new();
    private readonly ConcurrentDictionary<ActorId, Mailbox> _mailboxes = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ActorSystemOptions _options;
    private readonly Lazy<Task> _shutdown;
    private readonly ConcurrentQueue<DeadLetter> _deadLetters = new();
    private readonly ConcurrentBag<ITimer> _sweeps = [];
    private volatile Phase _phase;
    private int _population;

    /// <summary>Makes an empty system.</summary>
    /// <param name="options">Clock, log, dead letters; defaults when <c>null</c>.</param>
    public ActorSystem(ActorSystemOptions? options = null)
    {
        _options = options ?? new ActorSystemOptions();
        _shutdown = new Lazy<Task>(() => Task.Run(ShutDownAsync));
    }

    /// <summary>The clock of the system.</summary>
    public TimeProvider Time => _options.TimeProvider;

    /// <summary>The latest dead letters, the oldest first; how many is <see cref="ActorSystemOptions.KeptDeadLetters"/>.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters => [.. _deadLetters];

    internal ILogger Logger => _options.Logger;

    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>Says how actors of a kind are made.</summary>
    /// <param name="kind">The kind, first half of an <see cref="ActorId"/>.</param>
    /// <param name="factory">Makes the actor of an id: at its first message and after each failure.</param>
    /// <param name="options">Queueing and supervision; defaults when <c>null</c>.</param>
    /// <exception cref="ArgumentException">The kind is registered already.</exception>
    public void Register(string kind, Func<ActorId, Actor> factory, ActorKindOptions? options = null)
    {
        if (!TryRegister(kind, factory, options))
            throw new ArgumentException($"The actor kind '{kind}' is registered already.", nameof(kind));
    }

    /// <summary>As <see cref="Register"/>, for several owners that share a kind.</summary>
    /// <returns><c>false</c> when the kind is registered already; the earlier registration stands.</returns>
    public bool TryRegister(string kind, Func<ActorId, Actor> factory, ActorKindOptions? options = null)
    {
        var added = new ActorKind(this, factory, options ?? new ActorKindOptions());
        if (!_kinds.TryAdd(kind, added)) return false;
        if (added.Options.IdleTimeout is { } idle) _sweeps.Add(Time.CreateTimer(_ => Sweep(added), null, idle, idle));
        return true;
    }

    /// <summary>Sends a message without waiting.</summary>
    /// <exception cref="MailboxFullException">The mailbox is full.</exception>
    /// <exception cref="ArgumentException">The kind is not registered.</exception>
    /// <exception cref="ObjectDisposedException">The system is being disposed.</exception>
    public void Tell(ActorId to, object message)
    {
        ThrowIfDisposed();
        Post(to, message);
    }

    /// <summary>Sends a message; waits while the mailbox is full.</summary>
    /// <inheritdoc cref="Tell" path="/exception[@cref='T:System.ArgumentException' or @cref='T:System.ObjectDisposedException']"/>
    public ValueTask TellAsync(ActorId to, object message, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return PostAsync(to, message, sender: null, chain: null, cancellationToken);
    }

    /// <summary>
    /// Sends a message and waits for the answer. Inside of an actor use <see cref="ActorContext.AskAsync"/>, which detects cycles.
    /// </summary>
    /// <typeparam name="T">Type of the answer.</typeparam>
    /// <param name="to">Whom to ask.</param>
    /// <param name="message">What to ask.</param>
    /// <param name="cancellationToken">Ends the waiting; the message may still be handled.</param>
    /// <exception cref="ActorStoppedException">The actor stopped before it answered.</exception>
    /// <exception cref="ArgumentException">The kind is not registered.</exception>
    /// <exception cref="ObjectDisposedException">The system is being disposed.</exception>
    public Task<T> AskAsync<T>(ActorId to, object message, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return AskAsync<T>(to, message, sender: null, chain: null, cancellationToken);
    }

    /// <summary>Asks on behalf of actors in another process; what a transport calls when an ask arrives.</summary>
    /// <param name="to">Whom to ask.</param>
    /// <param name="message">What to ask.</param>
    /// <param name="askers">The actors that wait for the answer, the most recent first.</param>
    /// <param name="cancellationToken">Ends the waiting; the message may still be handled.</param>
    /// <exception cref="AskCycleException">The actor already waits for this answer.</exception>
    /// <inheritdoc cref="AskAsync{T}(ActorId, object, CancellationToken)" path="/exception"/>
    public Task<object> AskFromAsync(
        ActorId to, object message, IReadOnlyList<ActorId> askers, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        AskChain? chain = null;
        for (int i = askers.Count - 1; i >= 0; i--) chain = new AskChain(askers[i], chain);
        return AskAsync<object>(to, message, sender: null, chain, cancellationToken);
    }

    /// <summary>
    /// Ends an actor before its next message and forgets it, also one that is down after a failure; the next message makes a new
    /// one. Inside of that actor use <see cref="ActorContext.Stop"/>: this method waits for the end.
    /// </summary>
    public Task StopAsync(ActorId id)
    {
        if (!_mailboxes.TryGetValue(id, out Mailbox? mailbox)) return Task.CompletedTask;
        mailbox.Signal(SystemMessages.Stop);
        return mailbox.WhenQuiet();
    }

    /// <summary>
    /// Refuses new messages from outside, lets the actors finish what was sent, and ends them. Actors that are still busy after the drain
    /// timeout are cancelled and what waits for them is dead-lettered.
    /// </summary>
    public ValueTask DisposeAsync() => new(_shutdown.Value);

    /// <summary>Sends without waiting, also while the system drains.</summary>
    internal void Post(ActorId to, object message)
    {
        if (Elsewhere(to) is { } transport) _ = SendAsync(transport, to, message);
        else if (!TryPost(to, message, out Mailbox? full))
            throw new MailboxFullException(to, full.Kind.Options.MailboxCapacity, "a synchronous sender cannot wait");
    }

    /// <summary>
    /// Sends, waiting for room; <paramref name="sender"/> and <paramref name="chain"/> tell when waiting would never end.
    /// </summary>
    internal ValueTask PostAsync(ActorId to, object message, Mailbox? sender, AskChain? chain, CancellationToken cancellationToken) =>
        Elsewhere(to) is { } transport ? transport.TellAsync(to, message, cancellationToken)
        : TryPost(to, message, out Mailbox? full) ? ValueTask.CompletedTask
        : WaitAsync(full, message, sender, chain, cancellationToken);

    /// <summary>Asks on behalf of <paramref name="sender"/>; <paramref name="chain"/> begins with it.</summary>
    internal async Task<T> AskAsync<T>(ActorId to, object message, Mailbox? sender, AskChain? chain, CancellationToken cancellationToken)
    {
        AskChain.ThrowIfCycle(chain, to);
        if (Elsewhere(to) is { } transport)
            return (T)await transport.AskAsync(to, message, AskChain.ToList(chain), cancellationToken).ConfigureAwait(false);
        var ask = new Ask<T>(message, chain);
        await PostAsync(to, ask, sender, chain, cancellationToken).ConfigureAwait(false);
        return await ask.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    internal void Forget(Mailbox mailbox)
    {
        if (!_mailboxes.TryRemove(KeyValuePair.Create(mailbox.Id, mailbox))) return;
        Interlocked.Increment(ref _population);
        if (ActorMetrics.Live.Enabled) ActorMetrics.Live.Add(-1, ActorMetrics.KindOf(mailbox.Id));
    }

    internal void DeadLetter(ActorId to, object message, DeadLetterReason reason, Exception? error)
    {
        if (message is Ask ask)
        {
            string why = reason is DeadLetterReason.Down ? "it is down after a failure" : "it has stopped";
            ask.Fail(new ActorStoppedException(to, why, error));
            message = ask.Message;
        }

        var letter = new DeadLetter(to, message, reason, error);
        ActorMetrics.DeadLetters.Add(1, ActorMetrics.KindOf(to));
        _deadLetters.Enqueue(letter);
        while (_deadLetters.Count > _options.KeptDeadLetters) _deadLetters.TryDequeue(out _);
        Logger.LogWarning(error, "Dead letter to {Actor}: {Message} ({Reason})", to, message.GetType(), reason);
        try
        {
            _options.OnDeadLetter?.Invoke(letter);
        }
        catch (Exception e)
        {
            Logger.LogError(e, "The dead-letter callback failed");
        }
    }

    /// <summary>Tells the supervising actor of a kind, if it has one. The failing actor does not wait for it.</summary>
    internal void Escalate(ActorKind kind, ActorFailed failure)
    {
        if (kind.Options.SupervisedBy is { } supervisedBy) _ = EscalateAsync(supervisedBy, failure);
    }

    private async Task EscalateAsync(Func<ActorId, ActorId> supervisedBy, ActorFailed failure)
    {
        ActorId? supervisor = null;
        try
        {
            supervisor = supervisedBy(failure.Actor);
            await PostAsync(supervisor.Value, failure, sender: null, chain: null, Stopping).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            DeadLetter(supervisor ?? failure.Actor, failure, DeadLetterReason.Unreachable, e);
        }
    }

    /// <returns><c>false</c> when the mailbox is full; in every other case the message is queued or a dead letter.</returns>
    private bool TryPost(ActorId to, object message, [NotNullWhen(false)] out Mailbox? full)
    {
        ArgumentNullException.ThrowIfNull(message);
        full = null;
        for (;;)
        {
            if (_phase is Phase.Closed)
            {
                DeadLetter(to, message, DeadLetterReason.Stopped, error: null);
                return true;
            }

            Mailbox mailbox = _mailboxes.TryGetValue(to, out Mailbox? known) ? known : Create(to);
            switch (mailbox.TryPost(message))
            {
                case PostResult.Accepted:
                    return true;
                case PostResult.Full:
                    full = mailbox;
                    return false;
                case PostResult.Down:
                    DeadLetter(to, message, DeadLetterReason.Down, error: null);
                    return true;
                case PostResult.Gone:
                    Forget(mailbox);
                    break;
            }
        }
    }

    private async ValueTask WaitAsync(Mailbox full, object message, Mailbox? sender, AskChain? chain, CancellationToken cancellationToken)
    {
        try
        {
            do
            {
                // Announced before it is checked: of two senders that block each other at the same time, at least one sees the other.
                sender?.BlockedOn = full;
                if (sender is not null && WouldWaitForever(sender, full, chain))
                {
                    string why = $"its actor waits for {sender.Id}, so waiting for room would never end";
                    throw new MailboxFullException(full.Id, full.Kind.Options.MailboxCapacity, why);
                }

                if (await full.PostAsync(message, cancellationToken).ConfigureAwait(false) is PostResult.Accepted) return;
            }
            while (!TryPost(full.Id, message, out full!));
        }
        finally
        {
            sender?.BlockedOn = null;
        }
    }

    private static bool WouldWaitForever(Mailbox sender, Mailbox full, AskChain? chain)
    {
        if (AskChain.Contains(chain, full.Id)) return true;
        Mailbox? next = full;
        for (int hops = 0; next is not null && hops < 64; hops++, next = next.BlockedOn)
        {
            if (next == sender) return true;
        }

        return false;
    }

    private Mailbox Create(ActorId id)
    {
        if (id.Kind is null || !_kinds.TryGetValue(id.Kind, out ActorKind? kind))
        {
            string known = string.Join(", ", _kinds.Keys.Order(StringComparer.Ordinal));
            throw new ArgumentException($"No actor kind '{id.Kind}' is registered; known: {known}.", nameof(id));
        }

        Interlocked.Increment(ref _population);
        var made = new Mailbox(id, kind);
        Mailbox there = _mailboxes.GetOrAdd(id, made);
        if (there == made && ActorMetrics.Live.Enabled) ActorMetrics.Live.Add(1, ActorMetrics.KindOf(id));
        return there;
    }

    private void Sweep(ActorKind kind)
    {
        foreach (Mailbox mailbox in _mailboxes.Values)
        {
            if (mailbox.Kind == kind) mailbox.PassivateIfIdle();
        }
    }

    private IActorTransport? Elsewhere(ActorId id) => _options.Transport is { } transport && !transport.IsLocal(id) ? transport : null;

    /// <summary>Sends without a sender to wait; what does not arrive is a dead letter.</summary>
    private async Task SendAsync(IActorTransport transport, ActorId to, object message)
    {
        try
        {
            await transport.TellAsync(to, message, Stopping).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            DeadLetter(to, message, DeadLetterReason.Unreachable, e);
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_phase is not Phase.Open, this);

    private async Task ShutDownAsync()
    {
        _phase = Phase.Draining;
        foreach (ITimer sweep in _sweeps) await sweep.DisposeAsync().ConfigureAwait(false);
        try
        {
            await QuiesceAsync().ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Logger.LogWarning("Actors were still busy after {Timeout}; they are cancelled", _options.DrainTimeout);
        }

        _phase = Phase.Closed;
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task[] ends = [.. _mailboxes.Keys.Select(StopAsync)];
        try
        {
            await Task.WhenAll(ends).WaitAsync(_options.DrainTimeout, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Logger.LogError("{Count} actors ignored their cancellation and are left behind", ends.Count(end => !end.IsCompleted));
        }
    }

    /// <summary>
    /// Waits until no message is queued or in work. Actors wake each other, so one look at each proves nothing; two looks between which
    /// none was active, made or removed prove that all slept at once.
    /// </summary>
    private async Task QuiesceAsync()
    {
        long started = Time.GetTimestamp();
        (long Activations, int Population)? before = null;
        for (;;)
        {
            bool quiet = true;
            long activations = 0;
            int population = Volatile.Read(ref _population);
            foreach (Mailbox mailbox in _mailboxes.Values)
            {
                Task rest = mailbox.WhenQuiet();
                quiet &= rest.IsCompleted;
                TimeSpan left = _options.DrainTimeout - Time.GetElapsedTime(started);
                await rest.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, Time).ConfigureAwait(false);
                activations += mailbox.Activations;
            }

            if (quiet && before == (activations, population)) return;
            before = quiet ? (activations, population) : null;
        }
    }
}
