namespace AgentKit.Training.Rollouts;

/// <summary>A stretch of tokens.</summary>
/// <param name="Start">The first.</param>
/// <param name="Count">How many.</param>
internal sealed record TokenSpan(int Start, int Count);
