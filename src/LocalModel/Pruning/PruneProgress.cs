namespace AgentKit.Models.Pruning;

/// <summary>A step of pruning has been done.</summary>
/// <param name="Step">What is being done: <c>reading</c> (tokens), <c>writing</c> and <c>checking</c> (tensors).</param>
/// <param name="Done">How much of it.</param>
/// <param name="Total">All of it.</param>
public readonly record struct PruneProgress(string Step, long Done, long Total);
