namespace AgentKit.Training.Objectives;

/// <summary>What an objective says about a batch.</summary>
/// <param name="Loss">What training makes smaller, in nats or the unit the objective's equation has.</param>
/// <param name="Gradient">The derivative of the loss by each differentiated input, in the input's shape.</param>
/// <typeparam name="TGradient">The shape of the differentiated input.</typeparam>
public sealed record ObjectiveResult<TGradient>(double Loss, TGradient Gradient);
