namespace AgentKit.Kernel.Runs;

/// <summary>Where a forked run comes from.</summary>
/// <param name="RunId">The run it was forked from.</param>
/// <param name="Step">The last step the two have in common.</param>
public sealed record RunParent(string RunId, int Step);
