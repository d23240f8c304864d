using System.CommandLine;
using AgentKit.Cli.App;

namespace AgentKit.Cli.Serve;

/// <summary><c>agentkit serve</c>: an HTTP server with an MCP endpoint, until it is interrupted.</summary>
internal static class ServeCommand
{
    private static readonly Option<string> Url = new("--url")
    {
        Description = "Where to listen. Beyond this machine only with a token in AGENTKIT_TOKEN or with --oauth-issuer.",
        HelpName = "url",
        DefaultValueFactory = _ => "http://127.0.0.1:8080",
    };

    public static Command Create(CommandHost host)
    {
        var command = new Command("serve", "Serve MCP over HTTP, at the path /mcp.") { Url };
        foreach (Option option in ServedOffers.Options.Concat(HttpServing.Options)) command.Options.Add(option);
        return host.Handle(command, "agentkit serve --root . --url http://127.0.0.1:8080", RunAsync);
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using ServedOffers offers = await ServedOffers.OpenAsync(context);
        return await HttpServing.RunAsync(context, offers.Server, context.Parse.GetValue(Url)!, Url.Name);
    }
}
