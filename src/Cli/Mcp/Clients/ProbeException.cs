namespace AgentKit.Cli.Mcp.Clients;

/// <summary>A server does not do what a client expects; the message says what it did.</summary>
internal sealed class ProbeException(string message) : Exception(message);
