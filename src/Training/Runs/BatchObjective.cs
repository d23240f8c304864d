using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>A loss over a step's batch, as a loss over each of its packs; they add up.</summary>
/// <param name="packs">The packs of the step.</param>
public delegate PackObjective BatchObjective(IReadOnlyList<Pack> packs);
