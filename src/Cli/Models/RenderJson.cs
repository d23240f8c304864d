namespace AgentKit.Cli.Models;

/// <summary>The document of <c>model render --json</c>.</summary>
internal sealed record RenderJson(string Text);
