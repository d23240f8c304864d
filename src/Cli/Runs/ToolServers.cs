using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Tools.Mcp;
using Microsoft.Extensions.AI;

namespace AgentKit.Cli.Runs;

/// <summary>The MCP servers of one run and their tools.</summary>
internal sealed class ToolServers : IAsyncDisposable
{
    private readonly List<McpToolConnection> _connections = [];
    private readonly List<AIFunction> _tools = [];

    /// <summary>
    /// The tools of all servers, in the order of the servers. Those of others say where they come from, as the user wrote it.
    /// </summary>
    public IReadOnlyList<AIFunction> Tools => _tools;

    /// <param name="context">The command.</param>
    /// <param name="own">The server with the built-in tools.</param>
    /// <param name="others">Further servers.</param>
    /// <exception cref="UserInputException">A server cannot be started or reached, or two offer a tool of the same name.</exception>
    public static async Task<ToolServers> ConnectAsync(CommandContext context, McpServerSpec own, IEnumerable<McpServerSpec> others)
    {
        var servers = new ToolServers();
        try
        {
            servers.Add(await McpToolConnection.ConnectAsync(own, context.Loggers, context.Stop), server: null);
            foreach (McpServerSpec spec in others)
                servers.Add(await McpToolConnection.ConnectAsync(spec, context.Loggers, context.Stop), spec.Text);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="UserInputException">A server offers a tool of the same name as one of these.</exception>
    public void CheckNames(IEnumerable<AIFunction> own)
    {
        if (own.FirstOrDefault(tool => _tools.Any(known => known.Name == tool.Name)) is { } twice)
            throw new UserInputException("--memory", $"--memory: one of the tool servers offers '{twice.Name}' too; names must differ.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (McpToolConnection connection in _connections) await connection.DisposeAsync();
    }

    private void Add(McpToolConnection connection, string? server)
    {
        _connections.Add(connection);
        foreach (AIFunction tool in connection.Tools)
        {
            if (_tools.Any(known => known.Name == tool.Name))
            {
                throw new UserInputException(
                    "--tools", $"--tools: '{connection.Spec.Text}' offers '{tool.Name}', and so does a server before it; names must differ.");
            }

            _tools.Add((ToolContract.Of(tool) with { Server = server }).Apply(tool));
        }
    }
}
