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
    public bool TryRegister(string kind, Func<ActorId, Actor> factory, ActorKindOptions? options = null) =>
        _kinds.TryAdd(kind, new ActorKind(this, factory, options ?? new ActorKindOptions()));

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

    /// <summary>
    /// Ends an actor before its next message and forgets it, also one that is down after too many failures; the next message makes a new
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
        if (!TryPost(to, message, out Mailbox? full))
            throw new MailboxFullException(to, full.Kind.Options.MailboxCapacity, "a synchronous sender cannot wait");
    }

    /// <summary>
    /// Sends, waiting for room; <paramref name="sender"/> and <paramref name="chain"/> tell when waiting would never end.
    /// </summary>
    internal ValueTask PostAsync(ActorId to, object message, Mailbox? sender, AskChain? chain, CancellationToken cancellationToken) =>
        TryPost(to, message, out Mailbox? full) ? ValueTask.CompletedTask : WaitAsync(full, message, sender, chain, cancellationToken);

    /// <summary>Asks on behalf of <paramref name="sender"/>; <paramref name="chain"/> begins with it.</summary>
    internal async Task<T> AskAsync<T>(ActorId to, object message, Mailbox? sender, AskChain? chain, CancellationToken cancellationToken)
    {
        AskChain.ThrowIfCycle(chain, to);
        var ask = new Ask<T>(message, chain);
        await PostAsync(to, ask, sender, chain, cancellationToken).ConfigureAwait(false);
        return await ask.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    internal void Forget(Mailbox mailbox)
    {
        if (_mailboxes.TryRemove(KeyValuePair.Create(mailbox.Id, mailbox))) Interlocked.Increment(ref _population);
    }

    internal void DeadLetter(ActorId to, object message, DeadLetterReason reason, Exception? error)
    {
        if (message is Ask ask)
        {
            string why = reason is DeadLetterReason.Down ? "it is down after too many failures" : "it has stopped";
            ask.Fail(new ActorStoppedException(to, why, error));
            message = ask.Message;
        }

        Logger.LogWarning(error, "Dead letter to {Actor}: {Message} ({Reason})", to, message.GetType(), reason);
        try
        {
            _options.OnDeadLetter?.Invoke(new DeadLetter(to, message, reason, error));
        }
        catch (Exception e)
        {
            Logger.LogError(e, "The dead-letter callback failed");
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
        return _mailboxes.GetOrAdd(id, static (id, kind) => new Mailbox(id, kind), kind);
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_phase is not Phase.Open, this);

    private async Task ShutDownAsync()
    {
        _phase = Phase.Draining;
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
