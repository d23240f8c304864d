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

    /// <exception cref="AgentKit.Kernel.Errors.UserInputException">The server cannot be started or reached.</exception>
    public static Task<McpToolConnection> ConnectAsync(CommandContext context, Option<string> option, Option<string?> config)
    {
        McpServerEntry entry = new ServerLookup(context, context.Parse.GetValue(config)).Find(context.Parse.GetValue(option)!, option.Name, []);
        if (entry.Trust is McpTrust.Approved) context.Screen.Progress($"[grey]{Markup.Escape($"{entry.Name}: {entry.Spec.Text}")}[/]");
        return McpToolConnection.ConnectAsync(entry.Spec, context.Loggers, context.Stop);
    }
}
