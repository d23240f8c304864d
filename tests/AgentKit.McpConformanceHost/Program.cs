// The server that the MCP conformance suite and other people's clients are run against: AgentKit's own, with the tools, resources and
// prompts the suite asks for.   agentkit-conformance http [URL]   |   agentkit-conformance stdio
using AgentKit.McpConformanceHost;
using AgentKit.Server;
using AgentKit.Tools.Mcp;
using ModelContextProtocol.Protocol;

var prompts = new FixturePrompts();
await using var tasks = new AgentKit.Tools.Mcp.Serving.BackgroundTasks();
var server = new McpToolServer(FixtureTools.Create(prompts, tasks), new McpToolServerOptions
{
    Name = "agentkit-conformance",
    PortableOnly = false,
    Resources = [new FixtureResources()],
    Prompts = [prompts],
    Configure = options =>
    {
        options.Capabilities!.Logging = new LoggingCapability();
        options.Handlers.SetLoggingLevelHandler = (_, _) => new(new EmptyResult());
    },
});

if (args is ["stdio"])
{
    using Stream input = Console.OpenStandardInput();
    using Stream output = Console.OpenStandardOutput();
    Console.SetOut(Console.Error);
    await server.RunAsync(input, output);
    return;
}

await using McpHttpServer http = await McpHttpServer.StartAsync(
    server, new Uri(args is ["http", var url] ? url : "http://127.0.0.1:0"), new McpHttpOptions { MaxSessions = 100_000, MaxRequestsPerSecond = 1_000_000 });
Console.WriteLine(http.Url);

// Whoever started this ends it by closing its side, also by dying.
await Console.OpenStandardInput().CopyToAsync(Stream.Null);
