namespace AgentKit.Kernel.Runs;

/// <summary>Tokens spent by model calls.</summary>
/// <param name="InputTokens">Prompt tokens, cached ones included.</param>
/// <param name="CachedTokens">Prompt tokens whose computation was reused.</param>
/// <param name="OutputTokens">Generated tokens.</param>
public readonly record struct TokenUsage(long InputTokens, long CachedTokens, long OutputTokens)
{
    /// <summary>Adds two usages field by field.</summary>
    public static TokenUsage operator +(TokenUsage left, TokenUsage right) =>
        new(left.InputTokens + right.InputTokens, left.CachedTokens + right.CachedTokens, left.OutputTokens + right.OutputTokens);
}
