using System.Text.Json.Nodes;

namespace AgentKit.Cli.Mcp.Clients;

/// <summary>The document of <c>mcp config --json</c>.</summary>
/// <param name="Client">The client's name.</param>
/// <param name="File">Its configuration file.</param>
/// <param name="Config">What belongs into the file.</param>
/// <param name="Written">Whether the file was changed.</param>
/// <param name="Backup">Where the file before lies.</param>
internal sealed record McpConfigJson(string Client, string File, JsonObject Config, bool Written, string? Backup);
