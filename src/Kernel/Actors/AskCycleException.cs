namespace AgentKit.Kernel.Actors;

/// <summary>An ask would wait for an actor that is itself waiting for the asker. Thrown at once, instead of a deadlock.</summary>
/// <param name="cycle">The actors in the order in which they asked each other; the first is also the last.</param>
public sealed class AskCycleException(IReadOnlyList<ActorId> cycle)
    : Exception($"Ask cycle: {string.Join(" -> ", cycle)}. Each waits for the next, so none could ever answer.")
{
    /// <summary>The actors in the order in which they asked each other; the first is also the last.</summary>
    public IReadOnlyList<ActorId> Cycle { get; } = cycle;
}
