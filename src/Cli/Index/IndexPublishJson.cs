namespace AgentKit.Cli.Index;

/// <summary>The document of <c>index publish --json</c>.</summary>
internal sealed record IndexPublishJson(string Name, string Store, int Chunks, int Sent, int Removed);
