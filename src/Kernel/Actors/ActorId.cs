namespace AgentKit.Kernel.Actors;

/// <summary>Address of an actor. Two messages to the same id always reach the same actor, which is created by the first of them.</summary>
/// <param name="Kind">The registered kind, which says how the actor is made.</param>
/// <param name="Key">Which actor of that kind.</param>
public readonly record struct ActorId(string Kind, string Key)
{
    /// <summary><c>kind/key</c>.</summary>
    public override string ToString() => $"{Kind}/{Key}";
}
