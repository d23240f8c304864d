namespace AgentKit.Cli.Serve;

/// <summary>The document of <c>serve --json</c>, written when the server listens.</summary>
internal sealed record ServeJson(string Url);
