using AgentKit.Training.Objectives;

namespace AgentKit.Training.Engine;

/// <summary>A loss over a pack.</summary>
/// <param name="pack">The pack.</param>
/// <param name="logProbabilities">Of the predictions that count, in the order of <see cref="Pack.Weights"/>.</param>
/// <returns>The loss and its derivative by each of the log-probabilities.</returns>
public delegate ObjectiveResult<double[]> PackObjective(Pack pack, double[] logProbabilities);
