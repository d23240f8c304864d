namespace AgentKit.Training.Scaling;

/// <summary>What a law says about the best use of a budget.</summary>
/// <param name="Parameters">Weights, counted as the law counts them.</param>
/// <param name="Tokens">Tokens to train on.</param>
/// <param name="Loss">The loss to expect, in nats a token.</param>
public sealed record ScalingOptimum(double Parameters, double Tokens, double Loss);
