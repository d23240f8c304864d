using AgentKit.Training.Runs;

namespace AgentKit.Training.Pretraining;

/// <summary>What a run of pretraining came to.</summary>
/// <param name="Summary">Steps, losses and metrics.</param>
/// <param name="Model">The model's file.</param>
/// <param name="Parameters">Weights in all.</param>
/// <param name="NonEmbeddingParameters">Weights without embedding and output matrix.</param>
/// <param name="Vocabulary">Tokens.</param>
public sealed record PretrainResult(TrainingSummary Summary, string Model, long Parameters, long NonEmbeddingParameters, int Vocabulary);
