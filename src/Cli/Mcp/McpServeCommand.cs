using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Serve;

namespace AgentKit.Cli.Mcp;

/// <summary>
/// <c>agentkit mcp serve</c>: tools on standard input and output, until the client closes its side; with <c>--http</c>, at an address.
/// </summary>
internal static class McpServeCommand
{
    private static readonly Option<string?> Http = new("--http")
    {
        Description = "Serve at this address instead, such as http://127.0.0.1:8080, as 'agentkit serve' does.",
        HelpName = "url",
    };

    public static Command Create(CommandHost host)
    {
        var command = new Command("serve", "Serve tools to an MCP client on standard input and output.") { Http };
        foreach (Option option in ServedOffers.Options.Concat(HttpServing.Options)) command.Options.Add(option);
        return host.Handle(command, "agentkit mcp serve --root .", RunAsync);
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using ServedOffers offers = await ServedOffers.OpenAsync(context);
        if (context.Parse.GetValue(Http) is { } url) return await HttpServing.RunAsync(context, offers.Server, url, Http.Name);
        if (context.Terminal.InIsTerminal)
            context.Screen.Notice("Serving MCP on standard input and output: a client is meant to start this command. Ctrl-C ends it.");
        await using Stream input = Console.OpenStandardInput();
        await using Stream output = Console.OpenStandardOutput();
        // The stream belongs to the protocol: whatever a library prints must not get into it.
        Console.SetOut(Console.Error);
        await offers.Server.RunAsync(input, output, context.Stop);
        return context.Stop.IsCancellationRequested ? ExitCode.Cancelled : ExitCode.Done;
    }
}
