namespace AgentKit.Training.Objectives;

/// <summary>A completion with a verdict, for <see cref="KtoObjective"/>.</summary>
/// <param name="Completion">With reference values.</param>
/// <param name="Desirable">Whether the model should write such completions.</param>
public sealed record LabelledCompletion(CompletionLogProbabilities Completion, bool Desirable);
