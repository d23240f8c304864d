using System.Diagnostics;
using AgentKit.Kernel.Runs;

namespace AgentKit.Agents.Crash;

/// <summary>What a <see cref="CrashTest"/> starts and how often it kills it.</summary>
public sealed record CrashPlan
{
    /// <summary>How to start the program under test; its environment is added to.</summary>
    public required Func<ProcessStartInfo> Start { get; init; }

    /// <summary>Opens the journal that the program writes; disposed afterwards.</summary>
    public required Func<IJournal> OpenJournal { get; init; }

    /// <summary>Whether to kill at every append in turn, just before and just after it.</summary>
    /// <value><c>true</c></value>
    public bool EveryAppend { get; init; } = true;

    /// <summary>Kills at random times. 0 to 100,000.</summary>
    /// <value>200</value>
    public int RandomKills
    {
        get;
        init => field = value is >= 0 and <= 100_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(RandomKills), value, "0..100000");
    } = 200;

    /// <summary>
    /// The longest a process lives before a random kill, from the start of its work; about as long as a run takes in a fresh process, or all
    /// kills fall into its beginning.
    /// </summary>
    /// <value>1 s</value>
    public TimeSpan LongestLife
    {
        get;
        init => field = value > TimeSpan.Zero && value <= TimeSpan.FromHours(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(LongestLife), value, "above 0 and at most 1 hour");
    } = TimeSpan.FromSeconds(1);

    /// <summary>Seed of the random times.</summary>
    /// <value>1</value>
    public int Seed { get; init; } = 1;
}
