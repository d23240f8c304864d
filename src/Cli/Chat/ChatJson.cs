using AgentKit.Cli.Output;

namespace AgentKit.Cli.Chat;

/// <summary>The document of <c>chat --json</c>.</summary>
internal sealed record ChatJson(string Text, string FinishReason, UsageJson Usage);
