namespace AgentKit.Memory.Facts;

/// <summary>The episode a fact was learned in: where in the journal it stands.</summary>
/// <param name="RunId">The run.</param>
/// <param name="CallKey">The key of the tool call that stored it; <c>null</c> when it was made of what the run says otherwise.</param>
public sealed record FactOrigin(string RunId, string? CallKey = null);
