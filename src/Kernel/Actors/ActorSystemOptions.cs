using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentKit.Kernel.Actors;

/// <summary>What an <see cref="ActorSystem"/> runs on.</summary>
public sealed record ActorSystemOptions
{
    /// <summary>The clock of backoffs and timeouts.</summary>
    /// <value><see cref="TimeProvider.System"/></value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where failures and dead letters are logged.</summary>
    /// <value>Nowhere.</value>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Called for every dead letter, on the thread that found it; it must not block.</summary>
    /// <value>None; dead letters are only logged.</value>
    public Action<DeadLetter>? OnDeadLetter { get; init; }

    /// <summary>Carries messages to actors that live elsewhere.</summary>
    /// <value>None: all actors live in this process.</value>
    public IActorTransport? Transport { get; init; }

    /// <summary>How many of the latest dead letters the system keeps to be looked at. 0 to 65,536.</summary>
    /// <value>256</value>
    public int KeptDeadLetters
    {
        get;
        init => field = value is >= 0 and <= 65_536
            ? value
            : throw new ArgumentOutOfRangeException(nameof(KeptDeadLetters), value, "0..65536");
    } = 256;

    /// <summary>
    /// How long disposal waits for messages in work before actors are told to stop, and again before it gives up on them.
    /// </summary>
    /// <value>30 s</value>
    public TimeSpan DrainTimeout
    {
        get;
        init => field = value > TimeSpan.Zero && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(DrainTimeout), value, "above 0 and at most 1 day");
    } = TimeSpan.FromSeconds(30);
}
