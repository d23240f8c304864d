namespace AgentKit.Eval.Tasks;

/// <summary>A line of a task's changelog.</summary>
/// <param name="Version">Since which version.</param>
/// <param name="Change">What changed.</param>
public sealed record TaskChange(int Version, string Change);
