using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Tools.BuiltIn;
using AgentKit.Tools.Mcp;

namespace AgentKit.Cli.Mcp;

/// <summary><c>agentkit mcp serve</c>: the built-in tools on standard input and output, until the client closes its side.</summary>
internal static class McpServeCommand
{
    private static readonly Option<string> Root = RootFolder.Option();

    public static Command Create(CommandHost host) => host.Handle(
        new Command("serve", "Serve the built-in tools to an MCP client on standard input and output.") { Root },
        "agentkit mcp serve --root .",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        var tools = BuiltInTools.Create(new BuiltInToolsOptions { Root = RootFolder.Read(context, Root), TimeProvider = context.Time });
        var server = new McpToolServer(tools, new McpToolServerOptions { Loggers = context.Loggers });
        if (context.Terminal.InIsTerminal)
            context.Screen.Notice("Serving MCP on standard input and output: a client is meant to start this command. Ctrl-C ends it.");
        await using Stream input = Console.OpenStandardInput();
        await using Stream output = Console.OpenStandardOutput();
        await server.RunAsync(input, output, context.Stop);
        return context.Stop.IsCancellationRequested ? ExitCode.Cancelled : ExitCode.Done;
    }
}
