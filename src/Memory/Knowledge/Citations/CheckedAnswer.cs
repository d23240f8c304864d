namespace AgentKit.Memory.Knowledge.Citations;

/// <summary>An answer whose citations hold.</summary>
/// <param name="Text">The answer without the marks of citations that do not.</param>
/// <param name="Citations">Those that do, in their order.</param>
/// <param name="Removed">Those that do not.</param>
public sealed record CheckedAnswer(string Text, IReadOnlyList<Citation> Citations, IReadOnlyList<RemovedCitation> Removed);
