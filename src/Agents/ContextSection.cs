namespace AgentKit.Agents;

/// <summary>A text that a run's context carries beside task and history: a memory, retrieved passages, rules.</summary>
/// <param name="Name">What the text is, shown to the model above it; different from every other section's.</param>
/// <param name="Priority">
/// The higher, the earlier it stands and the longer it is kept when the context gets too long. Negative: left out before tool results are
/// shortened.
/// </param>
/// <param name="Load">
/// Makes the text for a task, once for each run; <c>null</c> or an empty text leaves the section away. What it returns is journaled.
/// </param>
public sealed record ContextSection(string Name, int Priority, Func<string, CancellationToken, ValueTask<string?>> Load);
