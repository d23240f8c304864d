namespace AgentKit.Training.Rollouts;

/// <summary>How answers are sampled and where they end.</summary>
/// <param name="Temperature">0 for the likeliest tokens.</param>
/// <param name="MaxTokens">Most tokens that the model writes, all turns together.</param>
/// <param name="MaxToolSteps">Most turns whose calls are carried out.</param>
internal sealed record RolloutLimits(double Temperature, int MaxTokens, int MaxToolSteps);
