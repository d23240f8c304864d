namespace AgentKit.Training.Engine;

/// <summary>What a layer's products cost in one way.</summary>
/// <param name="Path">The way.</param>
/// <param name="Seconds">The fastest of some rounds, forward and back.</param>
/// <param name="Rate">Operations a second, a multiplication and an addition counted as two.</param>
/// <param name="Difference">How far its derivatives are from those of the first way, relative to their length.</param>
internal sealed record ProductTime(ProductPath Path, double Seconds, double Rate, double Difference);
