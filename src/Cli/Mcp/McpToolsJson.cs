using System.Text.Json;

namespace AgentKit.Cli.Mcp;

/// <summary>The document of <c>mcp tools --json</c>.</summary>
internal sealed record McpToolsJson(string Server, string Version, string Protocol, IReadOnlyList<McpToolsJson.Tool> Tools, int? Tokens)
{
    /// <summary>One tool; its effect is what the server claims, its tokens are those of its schema in a prompt of the model.</summary>
    internal sealed record Tool(string Name, string Description, JsonElement Parameters, string SideEffect, string Replay, int? Tokens);
}
