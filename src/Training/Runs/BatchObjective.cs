using AgentKit.Training.Engine;

namespace AgentKit.Training.Runs;

/// <summary>A loss over batches.</summary>
/// <param name="packs">The packs of a step, or those that are measured with.</param>
/// <param name="stop">Stops an objective that computes for itself, such as a reference's log-probabilities.</param>
public delegate BatchLoss BatchObjective(IReadOnlyList<Pack> packs, CancellationToken stop);
