using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>The loss over a step's batch.</summary>
/// <param name="OfPack">The part of one of its packs; the parts add up.</param>
public sealed record BatchLoss(PackObjective OfPack)
{
    /// <value>What else was measured, by name, once every pack has been computed; <c>null</c> for nothing.</value>
    public Func<IReadOnlyDictionary<string, double>>? Measured { get; init; }
}
