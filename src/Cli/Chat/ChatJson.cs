using AgentKit.Cli.Output;

namespace AgentKit.Cli.Chat;

/// <summary>The document of <c>chat --json</c>.</summary>
internal sealed record ChatJson(string Text, string FinishReason, UsageJson Usage)
{
    /// <summary>Where the text does not fit <c>--schema</c>; absent when it does.</summary>
    public IReadOnlyList<string>? SchemaErrors { get; init; }
}
