using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Mcp.Servers;
using AgentKit.Tools.Mcp;
using AgentKit.Tools.Mcp.Hub;
using Spectre.Console;

namespace AgentKit.Cli.Mcp;

/// <summary><c>--server</c>: the MCP server a command talks to.</summary>
internal static class ServerOption
{
    public static Option<string> Create() => new("--server")
    {
        Description = $"A command that starts an MCP server on its standard input and output, the http(s) address of one, or a name in {ServersFile.FileName}.",
        HelpName = "command|url|name",
        Required = true,
    };

    /// <exception cref="AgentKit.Kernel.Errors.UserInputException">The server cannot be started or reached, or is not the approved one.</exception>
    public static async Task<McpToolConnection> ConnectAsync(CommandContext context, Option<string> option, Option<string?> config)
    {
        McpServerEntry entry = new ServerLookup(context, context.Parse.GetValue(config)).Find(context.Parse.GetValue(option)!, option.Name, []);
        if (entry.Trust is McpTrust.Approved)
        {
            context.Screen.Progress($"[grey]{Markup.Escape($"{entry.Name}: {entry.Spec.Text}")}[/]");
            await CheckAsync(context, entry);
        }

        return await McpToolConnection.ConnectAsync(entry.Spec, context.Loggers, context.Stop);
    }

    /// <summary>A server from a file is not started before its user has approved it, and not used when it has become another one.</summary>
    private static async Task CheckAsync(CommandContext context, McpServerEntry entry)
    {
        var options = new McpHubOptions
        {
            Approvals = new McpApprovals(context.Data.McpServers, context.Time), Loggers = context.Loggers, TimeProvider = context.Time,
        };
        await using McpHub hub = await McpHub.ConnectAsync([entry], options, context.Stop);
    }
}
