namespace AgentKit.Kernel.Actors;

/// <summary>How the actors of one kind queue and how they are supervised.</summary>
public sealed record ActorKindOptions
{
    /// <summary>Messages a mailbox holds before senders wait. 1 to 1,048,576.</summary>
    /// <value>1024</value>
    public int MailboxCapacity { get; init => field = InRange(value, 1, 1 << 20, nameof(MailboxCapacity)); } = 1024;

    /// <summary>What is done about a failure; called before every restart. One that throws itself escalates.</summary>
    /// <value>Restart, whatever the failure.</value>
    public Func<Exception, FailureResponse> OnFailure { get; init; } = static _ => FailureResponse.Restart;

    /// <summary>
    /// The actor that is told, with an <see cref="ActorFailed"/>, when an actor of this kind escalates a failure or has used up its
    /// restarts.
    /// </summary>
    /// <value>None: the failure is logged, and the actor stays down.</value>
    public Func<ActorId, ActorId>? SupervisedBy { get; init; }

    /// <summary>Restarts granted within <see cref="RestartWindow"/>; the failure after them takes the actor down. 0 to 1000.</summary>
    /// <value>5</value>
    public int MaxRestarts { get; init => field = InRange(value, 0, 1000, nameof(MaxRestarts)); } = 5;

    /// <summary>Failures older than this are forgiven.</summary>
    /// <value>1 minute</value>
    public TimeSpan RestartWindow { get; init => field = Positive(value, nameof(RestartWindow)); } = TimeSpan.FromMinutes(1);

    /// <summary>Wait before the first restart; doubled for every further failure within the window.</summary>
    /// <value>100 ms</value>
    public TimeSpan FirstBackoff { get; init => field = Positive(value, nameof(FirstBackoff)); } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait before a restart.</summary>
    /// <value>10 s</value>
    public TimeSpan MaxBackoff { get; init => field = Positive(value, nameof(MaxBackoff)); } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After how long without a message an actor is let go: it is disposed, and the next message makes a new one. It happens after one to
    /// two times this long; an actor with a timer stays.
    /// </summary>
    /// <value>Never.</value>
    public TimeSpan? IdleTimeout { get; init => field = value is { } time ? Positive(time, nameof(IdleTimeout)) : null; }

    private static int InRange(int value, int low, int high, string name) =>
        value >= low && value <= high ? value : throw new ArgumentOutOfRangeException(name, value, $"{low}..{high}");

    private static TimeSpan Positive(TimeSpan value, string name) =>
        value > TimeSpan.Zero && value <= TimeSpan.FromDays(40)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "above 0 and at most 40 days");
}
