using System.Text.Json;
using AgentKit.Tests.Support;

namespace AgentKit.SlowTests.Server;

/// <summary>Clients of others against the server, over HTTP and over standard input and output.</summary>
public class NpmClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [NpmTheory]
    [InlineData("sdk", "2025-11-25")]
    [InlineData("client", "2025-11-25")]
    [InlineData("client-auto", "2026-07-28")]
    public async Task Client_OverHttp_ListsCallsAndReads(string client, string revision)
    {
        using ConformanceServer server = await ConformanceServer.StartAsync();

        JsonElement found = await CheckAsync(client, "http", server.Url.AbsoluteUri);

        Assert.Equal(revision, found.GetProperty("version").GetString());
        Assert.Equal(revision == "2026-07-28", found.GetProperty("session").ValueKind == JsonValueKind.Null);
    }

    [NpmTheory]
    [InlineData("sdk")]
    [InlineData("client")]
    [InlineData("client-auto")]
    public async Task Client_OverStdio_ListsCallsAndReads(string client) => await CheckAsync(client, "stdio", "dotnet", ConformanceServer.Program, "stdio");

    [NpmTheory]
    [InlineData("legacy")]
    [InlineData("modern")]
    public async Task Inspector_OverHttp_ListsTheTools(string era)
    {
        using ConformanceServer server = await ConformanceServer.StartAsync();

        JsonElement list = await InspectAsync(server.Url.AbsoluteUri, "--transport", "http", "--protocol-era", era, "--method", "tools/list");

        Assert.Equal("test_simple_text", list.GetProperty("tools")[0].GetProperty("name").GetString());
    }

    private static async Task<JsonElement> CheckAsync(params string[] args)
    {
        (int exitCode, string output) = await NpmTools.RunAsync(Patience, [NpmTools.Script("client-check.mjs"), .. args]);
        Assert.True(exitCode == 0, output);
        JsonElement found = JsonElement.Parse(output.Split('\n').First(line => line.StartsWith('{')));
        Assert.Equal("Hello, npm!", found.GetProperty("text").GetString());
        Assert.Equal("argument 'name' must be a string, found 5", found.GetProperty("wrong").GetString());
        Assert.Equal("This is the content of the static text resource.", found.GetProperty("read").GetString());
        Assert.Equal(5, found.GetProperty("prompts").GetInt32());
        return found;
    }

    private static async Task<JsonElement> InspectAsync(params string[] args)
    {
        string program = NpmTools.PathOf("@modelcontextprotocol", "inspector", "clients", "launcher", "build", "index.js");
        (int exitCode, string output) = await NpmTools.RunAsync(Patience, [program, "--cli", .. args]);
        Assert.True(exitCode == 0, output);
        return JsonElement.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
    }
}
