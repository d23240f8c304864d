namespace AgentKit.Cli.Mcp;

/// <summary>The document of <c>mcp call --json</c>: a result or an error.</summary>
internal sealed record McpCallJson(string Tool, string? Result, string? Error, double Ms);
