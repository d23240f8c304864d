namespace AgentKit.Memory.Facts;

/// <summary>What became of a text that was to be remembered.</summary>
/// <param name="Fact">The fact; <c>null</c> when this episode's fact was forgotten, which stays so.</param>
/// <param name="IsNew">Whether it was stored now; <c>false</c> when it was known.</param>
/// <param name="Superseded">The facts that do not hold any more because of it.</param>
public sealed record RememberedFact(Fact? Fact, bool IsNew, IReadOnlyList<Fact> Superseded);
