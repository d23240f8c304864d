using AgentKit.Training.Data;
using AgentKit.Training.Rewards;

namespace AgentKit.Training.Rollouts;

/// <summary>An answer that the model in training wrote.</summary>
/// <param name="Sample">Prompt and answer; only the answer's tokens count.</param>
/// <param name="Answer">The answer taken apart.</param>
internal sealed record Rollout(TrainingSample Sample, Answer Answer);
