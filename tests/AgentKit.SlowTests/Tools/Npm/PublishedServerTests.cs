using System.Diagnostics;
using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Testing;
using AgentKit.Tests.Support;
using AgentKit.Tools.Mcp;
using AgentKit.Tools.Mcp.Hub;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Tools.Npm;

/// <summary>The hub against servers that others have published.</summary>
public sealed class PublishedServerTests : IDisposable
{
    private const string Everything = "@modelcontextprotocol/server-everything";
    private const string Files = "@modelcontextprotocol/server-filesystem";
    private const string Memory = "@modelcontextprotocol/server-memory";

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static McpServerSpec Spec(string package, params string[] arguments) =>
        McpServerSpec.OfCommand(NpmTools.Node, [NpmTools.PathOf(package, "dist", "index.js"), .. arguments]);

    private Task<McpHub> Connect(params McpServerSpec[] specs) => McpHub.ConnectAsync(
        [.. specs.Select(spec => new McpServerEntry(McpServerEntry.NameOf(spec, []), spec))],
        new McpHubOptions { Approvals = new McpApprovals(_scratch["mcp-servers.json"], TimeProvider.System) });

    private static async Task<string> Call(McpHub hub, string tool, string arguments) =>
        (string)(await hub.Tools.Single(known => known.Name == tool).InvokeAsync(new AIFunctionArguments(
            JsonElement.Parse(arguments).EnumerateObject().ToDictionary(a => a.Name, a => (object?)a.Value))))!;

    [NpmFact]
    public async Task Hub_ThreePublishedServers_OffersAndCallsTheirTools()
    {
        _scratch.Write("files/note.txt", "The demo is on Friday.");
        McpServerSpec memory = Spec(Memory) with { Environment = new Dictionary<string, string> { ["MEMORY_FILE_PATH"] = _scratch["memory.jsonl"] } };
        await using McpHub hub = await Connect(Spec(Everything), Spec(Files, _scratch["files"]), memory);

        Assert.Equal(["everything", "filesystem", "memory"], hub.Servers.Select(server => server.Name));
        Assert.All(hub.Servers, server => Assert.Equal("2025-11-25", server.Protocol));
        Assert.All(hub.Tools, tool => Assert.Matches("^(everything|filesystem|memory)_[a-zA-Z0-9_-]{1,50}$", tool.Name));
        Assert.Contains("\nEcho: hello\n", await Call(hub, "everything_echo", """{"message":"hello"}"""));
        Assert.Contains("The sum of 2 and 3 is 5.", await Call(hub, "everything_get-sum", """{"a":2,"b":3}"""));
        Assert.Contains("[image: image/png, ", await Call(hub, "everything_get-tiny-image", "{}"));
        Assert.Contains("The demo is on Friday.", await Call(hub, "filesystem_read_text_file", $$"""{"path":{{JsonSerializer.Serialize(_scratch["files/note.txt"])}}}"""));
        await Call(hub, "memory_create_entities", """{"entities":[{"name":"Tom","entityType":"person","observations":["likes tea"]}]}""");
        Assert.Contains("likes tea", await Call(hub, "memory_search_nodes", """{"query":"Tom"}"""));
        Assert.Equal(SideEffect.LocalRead, ToolContract.Of(hub.Tools.Single(tool => tool.Name == "filesystem_read_text_file")).SideEffect);
        Assert.Equal(ApprovalAnswer.Ask, new ToolPolicy().For(hub.Tools.Single(tool => tool.Name == "filesystem_write_file")));
    }

    [NpmFact]
    public async Task Hub_FilesServer_RefusesWhatLiesOutside()
    {
        Directory.CreateDirectory(_scratch["files"]);
        await using McpHub hub = await Connect(Spec(Files, _scratch["files"]));

        var fault = await Assert.ThrowsAsync<ToolException>(() => Call(hub, "filesystem_read_text_file", """{"path":"../../../../etc/passwd"}"""));

        Assert.Contains("outside allowed directories", fault.Message);
    }

    [NpmFact]
    public async Task Hub_ServerOverHttp_IsReachedInItsRevision()
    {
        using Process server = Process.Start(new ProcessStartInfo(NpmTools.Node, [NpmTools.PathOf(Everything, "dist", "index.js"), "streamableHttp"])
        {
            RedirectStandardError = true,
            Environment = { ["PORT"] = "39771" },
        })!;
        try
        {
            while (await server.StandardError.ReadLineAsync() is { } line && !line.Contains("39771", StringComparison.Ordinal))
            {
                // It says when it listens.
            }

            McpServerSpec spec = McpServerSpec.Parse("http://127.0.0.1:39771/mcp");
            await using McpHub hub = await Connect(spec);
            await using McpHub again = await Connect(spec);

            Assert.Equal("2025-11-25", hub.Servers[0].Protocol);
            Assert.Contains("\nEcho: over http\n", await Call(again, "s-127-0-0-1_echo", """{"message":"over http"}"""));
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    [NpmFact]
    public async Task Hub_ManyTools_AreFoundByWhatTheyDo()
    {
        await using McpHub hub = await McpHub.ConnectAsync(
            [new McpServerEntry("memory", Spec(Memory)), new McpServerEntry("everything", Spec(Everything))], new McpHubOptions { MostTools = 10 });
        IReadOnlyList<AIFunction> tools = hub.ToolsFor(new ToolPolicy());

        string found = (string)(await tools[0].InvokeAsync(new AIFunctionArguments { ["query"] = "sum of two numbers" }))!;

        Assert.Equal(["find_tools", "call_tool", "call_tool_with_consent"], tools.Select(tool => tool.Name));
        Assert.StartsWith("everything_get-sum: ", found);
    }
}
