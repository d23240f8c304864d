using AgentKit.Memory.Facts;

namespace AgentKit.Cli.Memory;

/// <summary>A fact in the documents of the memory commands.</summary>
internal sealed record FactJson(
    string Id, string Text, string? Subject, string? Predicate, string? Value, DateTimeOffset ValidFrom, DateTimeOffset? ValidTo, DateTimeOffset Recorded,
    string? Supersedes, string? RunId, double? Score = null)
{
    public static FactJson Of(Fact fact, double? score = null) => new(
        fact.Id, fact.Text, fact.Slot?.Subject, fact.Slot?.Predicate, fact.Slot?.Value, fact.ValidFrom, fact.ValidTo, fact.Recorded, fact.Supersedes,
        fact.Origin?.RunId, score);
}
