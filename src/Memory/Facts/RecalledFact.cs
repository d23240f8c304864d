namespace AgentKit.Memory.Facts;

/// <summary>A fact that fits a query.</summary>
/// <param name="Fact">The fact.</param>
/// <param name="Score">The sum of weight / (60 + rank) by vector, keyword and age; compares within one recall only.</param>
public sealed record RecalledFact(Fact Fact, double Score);
