namespace AgentKit.Eval.Perplexity;

/// <summary>How far a text has been read.</summary>
/// <param name="Done">Tokens read by the model.</param>
/// <param name="Total">Tokens to read.</param>
public readonly record struct PerplexityProgress(int Done, int Total);
