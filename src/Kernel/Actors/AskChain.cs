namespace AgentKit.Kernel.Actors;

/// <summary>The actors that wait for an answer, from the most recent asker outwards. Travels with every ask.</summary>
internal sealed record AskChain(ActorId Actor, AskChain? Caller)
{
    /// <summary>Whether <paramref name="chain"/> has <paramref name="actor"/> waiting somewhere in it.</summary>
    public static bool Contains(AskChain? chain, ActorId actor)
    {
        for (AskChain? link = chain; link is not null; link = link.Caller)
        {
            if (link.Actor == actor) return true;
        }

        return false;
    }

    /// <summary>The actors of a chain, the most recent asker first.</summary>
    public static IReadOnlyList<ActorId> ToList(AskChain? chain)
    {
        var askers = new List<ActorId>();
        for (AskChain? link = chain; link is not null; link = link.Caller) askers.Add(link.Actor);
        return askers;
    }

    /// <summary>Throws when <paramref name="to"/> already waits in <paramref name="chain"/>.</summary>
    public static void ThrowIfCycle(AskChain? chain, ActorId to)
    {
        if (!Contains(chain, to)) return;
        var cycle = new List<ActorId> { to };
        for (AskChain? link = chain; link is not null; link = link.Caller)
        {
            cycle.Add(link.Actor);
            if (link.Actor == to) break;
        }

        cycle.Reverse();
        throw new AskCycleException(cycle);
    }
}
