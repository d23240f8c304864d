namespace AgentKit.Training.Objectives;

/// <summary>Derivatives of one row of <see cref="PpoObjective"/>, one entry for each token.</summary>
/// <param name="LogProbabilities">By the policy's log-probabilities.</param>
/// <param name="Values">By the value head's predictions.</param>
public sealed record PpoGradient(double[] LogProbabilities, double[] Values);
