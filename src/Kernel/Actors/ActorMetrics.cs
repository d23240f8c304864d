using System.Diagnostics.Metrics;

namespace AgentKit.Kernel.Actors;

/// <summary>What the actor runtime counts; never one by one for messages, which are too many.</summary>
internal static class ActorMetrics
{
    /// <summary>Actors with a mailbox, by kind.</summary>
    public static readonly UpDownCounter<long> Live = Telemetry.Meter.CreateUpDownCounter<long>(
        "agentkit.actor.count", "{actor}", "Actors that have a mailbox.");

    public static readonly Counter<long> Restarts = Telemetry.Meter.CreateCounter<long>(
        "agentkit.actor.restarts", "{restart}", "Actors made anew after a failure.");

    public static readonly Counter<long> DeadLetters = Telemetry.Meter.CreateCounter<long>(
        "agentkit.actor.dead_letters", "{message}", "Messages that were not handled to their end.");

    public static readonly Counter<long> Passivations = Telemetry.Meter.CreateCounter<long>(
        "agentkit.actor.passivations", "{actor}", "Idle actors that were let go.");

    public static KeyValuePair<string, object?> KindOf(ActorId id) => new("agentkit.actor.kind", id.Kind);
}
