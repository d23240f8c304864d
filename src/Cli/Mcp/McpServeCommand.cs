using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Tools.BuiltIn;
using AgentKit.Tools.Mcp;

namespace AgentKit.Cli.Mcp;

/// <summary><c>agentkit mcp serve</c>: the built-in tools on standard input and output, until the client closes its side.</summary>
internal static class McpServeCommand
{
    private const int LeastReadBytes = 1024;
    private const int MostReadBytes = 16 * 1024 * 1024;

    private static readonly Option<string> Root = RootFolder.Option();

    private static readonly Option<int> MaxReadBytes = new("--max-read-bytes")
    {
        Description = "Most bytes of a file that one read_file call returns; what is left out is announced.",
        HelpName = "n",
        DefaultValueFactory = _ => new BuiltInToolsOptions().MaxReadBytes,
    };

    private static readonly ToolSwitches Switches = new();

    public static Command Create(CommandHost host)
    {
        var command = new Command("serve", "Serve the built-in tools to an MCP client on standard input and output.") { Root, MaxReadBytes };
        Switches.AddTo(command);
        return host.Handle(command, "agentkit mcp serve --root .", RunAsync);
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        int maxReadBytes = context.Parse.GetValue(MaxReadBytes);
        if (maxReadBytes is < LeastReadBytes or > MostReadBytes)
        {
            throw new UserInputException(
                "--max-read-bytes", $"--max-read-bytes is {maxReadBytes}; {LeastReadBytes} to {MostReadBytes} is allowed.");
        }

        var options = new BuiltInToolsOptions { Root = RootFolder.Read(context, Root), MaxReadBytes = maxReadBytes, TimeProvider = context.Time };
        var tools = BuiltInTools.Create(Switches.Apply(context, options));
        var server = new McpToolServer(tools, new McpToolServerOptions { Loggers = context.Loggers });
        if (context.Terminal.InIsTerminal)
            context.Screen.Notice("Serving MCP on standard input and output: a client is meant to start this command. Ctrl-C ends it.");
        await using Stream input = Console.OpenStandardInput();
        await using Stream output = Console.OpenStandardOutput();
        await server.RunAsync(input, output, context.Stop);
        return context.Stop.IsCancellationRequested ? ExitCode.Cancelled : ExitCode.Done;
    }
}
