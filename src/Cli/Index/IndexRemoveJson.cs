namespace AgentKit.Cli.Index;

/// <summary>The document of <c>index remove --json</c>.</summary>
internal sealed record IndexRemoveJson(string Name, int Removed);
