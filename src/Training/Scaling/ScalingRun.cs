namespace AgentKit.Training.Scaling;

/// <summary>A finished run of pretraining, as a point of a scaling law.</summary>
/// <param name="Parameters">Weights in all.</param>
/// <param name="NonEmbedding">Weights without embedding and output matrix.</param>
/// <param name="Tokens">Tokens it was trained on.</param>
/// <param name="Loss">Its last loss on held-out text, in nats a token.</param>
public sealed record ScalingRun(double Parameters, double NonEmbedding, double Tokens, double Loss);
