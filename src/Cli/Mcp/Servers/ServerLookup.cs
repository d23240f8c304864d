using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Tools.Mcp;
using AgentKit.Tools.Mcp.Hub;

namespace AgentKit.Cli.Mcp.Servers;

/// <summary>What a user means by SERVER: a server of <c>agentkit.json</c> by its name, an address, or a command line.</summary>
/// <param name="context">The command.</param>
/// <param name="config">The value of <c>--config</c>.</param>
internal sealed class ServerLookup(CommandContext context, string? config)
{
    /// <summary>The file, if there is one.</summary>
    public ServersFile? File { get; } = ServersFile.Find(context, config);

    /// <summary><c>--config</c>.</summary>
    public static Option<string?> Option() => new("--config")
    {
        Description = $"The file with MCP servers and rules for their tools. [default: {ServersFile.FileName} in this folder, else in the state directory]",
        HelpName = "file",
    };

    /// <summary>A server.</summary>
    /// <param name="text">What the user typed.</param>
    /// <param name="option">Where.</param>
    /// <param name="taken">Names of servers before it.</param>
    /// <exception cref="AgentKit.Kernel.Errors.UserInputException">It is malformed.</exception>
    public McpServerEntry Find(string text, string option, IReadOnlyCollection<string> taken)
    {
        if (File?.Entry(text, Environment.GetEnvironmentVariable, option) is { } configured) return configured;
        McpServerSpec spec = McpServerSpec.Parse(text, option);
        return new McpServerEntry(McpServerEntry.NameOf(spec, taken), spec);
    }

    /// <summary>Servers, each with a name of its own.</summary>
    /// <inheritdoc cref="Find"/>
    public IReadOnlyList<McpServerEntry> FindAll(IEnumerable<string> texts, string option)
    {
        List<McpServerEntry> found = [];
        foreach (string text in texts) found.Add(Find(text, option, [.. found.Select(server => server.Name)]));
        return found;
    }
}
