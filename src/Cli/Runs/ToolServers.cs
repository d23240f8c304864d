using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Tools.Mcp;
using Microsoft.Extensions.AI;

namespace AgentKit.Cli.Runs;

/// <summary>The MCP servers of one run and their tools.</summary>
internal sealed class ToolServers : IAsyncDisposable
{
    private readonly List<McpToolConnection> _connections = [];

    /// <summary>The tools of all servers, in the order of the servers.</summary>
    public IEnumerable<AIFunction> Tools => _connections.SelectMany(connection => connection.Tools);

    /// <exception cref="UserInputException">A server cannot be started or reached, or two offer a tool of the same name.</exception>
    public static async Task<ToolServers> ConnectAsync(CommandContext context, IEnumerable<McpServerSpec> specs)
    {
        var servers = new ToolServers();
        try
        {
            foreach (McpServerSpec spec in specs) servers.Add(await McpToolConnection.ConnectAsync(spec, context.Loggers, context.Stop));
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (McpToolConnection connection in _connections) await connection.DisposeAsync();
    }

    private void Add(McpToolConnection connection)
    {
        HashSet<string> known = [.. Tools.Select(tool => tool.Name)];
        _connections.Add(connection);
        if (connection.Tools.FirstOrDefault(tool => known.Contains(tool.Name)) is { } twice)
        {
            throw new UserInputException(
                "--tools", $"--tools: '{connection.Spec.Text}' offers '{twice.Name}', and so does a server before it; names must differ.");
        }
    }
}
