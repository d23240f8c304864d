namespace AgentKit.Kernel.Actors;

/// <summary>Address of an actor. Two messages to the same id always reach the same actor, which is created by the first of them.</summary>
/// <param name="Kind">The registered kind, which says how the actor is made.</param>
/// <param name="Key">Which actor of that kind.</param>
public readonly record struct ActorId(string Kind, string Key)
{
    // Every message looks its actor up. Kinds are few, so their lengths tell enough beside the hash of the key.
    /// <inheritdoc/>
    public override int GetHashCode() => Key is null ? 0 : Key.GetHashCode() ^ ((Kind?.Length ?? 0) * 0x9E3779B);

    /// <summary><c>kind/key</c>.</summary>
    public override string ToString() => $"{Kind}/{Key}";
}
