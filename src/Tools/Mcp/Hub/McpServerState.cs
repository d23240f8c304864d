namespace AgentKit.Tools.Mcp.Hub;

/// <summary>A server as it presented itself when the hub connected to it.</summary>
/// <param name="Name">Its name in the hub.</param>
/// <param name="Source">How it is started or reached, as rules call it.</param>
/// <param name="ServerName">The name it gives itself: a claim.</param>
/// <param name="ServerVersion">Its version; empty when it gave none.</param>
/// <param name="Protocol">The MCP revision both sides speak, a date.</param>
/// <param name="Tools">How many of its tools may be used.</param>
public sealed record McpServerState(string Name, string Source, string ServerName, string ServerVersion, string Protocol, int Tools);
