using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Tools.Mcp;

namespace AgentKit.Cli.Mcp;

/// <summary><c>--server</c>: the MCP server a command talks to.</summary>
internal static class ServerOption
{
    public static Option<string> Create() => new("--server")
    {
        Description = "A command that starts an MCP server on its standard input and output, or the http(s) address of one.",
        HelpName = "command|url",
        Required = true,
    };

    /// <exception cref="AgentKit.Kernel.Errors.UserInputException">The server cannot be started or reached.</exception>
    public static Task<McpToolConnection> ConnectAsync(CommandContext context, Option<string> option) =>
        McpToolConnection.ConnectAsync(McpServerSpec.Parse(context.Parse.GetValue(option)!, option.Name), context.Loggers, context.Stop);
}
