namespace AgentKit.Training.Runs;

/// <summary>What was measured on held-out data.</summary>
/// <param name="Loss">The objective's loss; <c>null</c> where there is none, as with generated answers.</param>
/// <param name="Metrics">Whatever else, by name.</param>
public sealed record Measurement(double? Loss, IReadOnlyDictionary<string, double> Metrics);
