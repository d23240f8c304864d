using AgentKit.Kernel.Runs;

namespace AgentKit.Cli.Output;

/// <summary>Tokens in a <c>--json</c> document.</summary>
internal sealed record UsageJson(long InputTokens, long CachedTokens, long OutputTokens)
{
    public static UsageJson From(TokenUsage usage) => new(usage.InputTokens, usage.CachedTokens, usage.OutputTokens);
}
