namespace AgentKit.Cli.Mcp.Servers;

/// <summary>The document of <c>mcp approve --json</c>.</summary>
/// <param name="Server">The server's name.</param>
/// <param name="Launch">How it is started or reached.</param>
/// <param name="Status"><c>approved</c>, <c>unchanged</c>, <c>refused</c> or <c>forgotten</c>.</param>
/// <param name="Tools">Its tools.</param>
internal sealed record McpApproveJson(string Server, string Launch, string Status, IReadOnlyList<McpApproveJson.ReviewedTool> Tools)
{
    /// <summary>A tool: <c>new</c>, <c>changed</c>, <c>same</c> or <c>gone</c>; of a changed one what differs.</summary>
    internal sealed record ReviewedTool(string Name, string Change, string? Differs, string? Description, string? SideEffect, string? Rule);
}
