using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Server.Offers;
using AgentKit.Testing;
using AgentKit.Tools.Mcp;

namespace AgentKit.Tests.Server.Offers;

public sealed class KnowledgeOfferTests : IDisposable
{
    private static readonly MemoryScope Scope = MemoryScope.Local("documents");

    private readonly ScratchFolder _scratch = new();
    private readonly KnowledgeBase _knowledge;

    public KnowledgeOfferTests() => _knowledge = KnowledgeBase.Open(Path.Combine(_scratch.Path, "k.db"));

    public void Dispose()
    {
        _knowledge.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task SearchKnowledge_WithHits_CitesWithLinksThatCanBeRead()
    {
        await using ServerUnderTest server = await StartAsync();

        (_, JsonElement found) = await server.SendAsync(ServerUnderTest.Call("search_knowledge", new JsonObject { ["query"] = "otters" }));
        JsonElement hit = Assert.Single(found.GetProperty("result").GetProperty("structuredContent").GetProperty("hits").EnumerateArray());
        string uri = hit.GetProperty("uri").GetString()!;
        (_, JsonElement read) = await server.SendAsync(ServerUnderTest.Post("resources/read", new JsonObject { ["uri"] = uri }, uri));

        Assert.Equal("animals & plants", hit.GetProperty("source").GetString());
        JsonElement content = found.GetProperty("result").GetProperty("content");
        Assert.StartsWith("[1] animals & plants: ", content[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("resource_link", content[1].GetProperty("type").GetString());
        Assert.Equal(uri, content[1].GetProperty("uri").GetString());
        Assert.Contains("Otters live in rivers.", read.GetProperty("result").GetProperty("contents")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SearchKnowledge_WithoutHits_SaysSo()
    {
        await using ServerUnderTest server = await StartAsync();

        (_, JsonElement found) = await server.SendAsync(ServerUnderTest.Call("search_knowledge", new JsonObject { ["query"] = "volcano" }));

        Assert.Equal("No passages found.", found.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal(0, found.GetProperty("result").GetProperty("structuredContent").GetProperty("hits").GetArrayLength());
    }

    [Theory]
    [InlineData("animals & plants")]
    [InlineData("agentkit://knowledge/k/animals%20%26%20plants")]
    public async Task ReadSource_BySourceOrAddress_GivesItsPassages(string source)
    {
        await using ServerUnderTest server = await StartAsync();

        (_, JsonElement read) = await server.SendAsync(ServerUnderTest.Call("read_source", new JsonObject { ["source"] = source }));

        JsonElement structured = read.GetProperty("result").GetProperty("structuredContent");
        Assert.Equal(structured.GetProperty("passages").GetArrayLength(), structured.GetProperty("total").GetInt32());
        Assert.Contains("Otters live in rivers.", read.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", null, "no source 'nothing'")]
    [InlineData("animals & plants", 99, "argument 'from' is 99")]
    [InlineData("animals & plants", -1, "argument 'from' must be at least 0")]
    public async Task ReadSource_OfWhatIsNotThere_SaysWhatIs(string source, int? from, string expected)
    {
        await using ServerUnderTest server = await StartAsync();
        var arguments = new JsonObject { ["source"] = source };
        if (from is not null) arguments["from"] = from;

        (_, JsonElement read) = await server.SendAsync(ServerUnderTest.Call("read_source", arguments));

        Assert.True(read.GetProperty("result").GetProperty("isError").GetBoolean());
        Assert.Contains(expected, read.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resources_AreListedCompletedAndRefused()
    {
        await using ServerUnderTest server = await StartAsync();
        var asked = new JsonObject
        {
            ["ref"] = new JsonObject { ["type"] = "ref/resource", ["uri"] = "agentkit://knowledge/k/{source}" },
            ["argument"] = new JsonObject { ["name"] = "source", ["value"] = "anim" },
        };

        (_, JsonElement list) = await server.SendAsync(ServerUnderTest.Post("resources/list"));
        (_, JsonElement completed) = await server.SendAsync(ServerUnderTest.Post("completion/complete", asked));
        const string missing = "agentkit://knowledge/k/no";
        (_, JsonElement refused) = await server.SendAsync(ServerUnderTest.Post("resources/read", new JsonObject { ["uri"] = missing }, missing));

        Assert.Equal("animals & plants", Assert.Single(list.GetProperty("result").GetProperty("resources").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("animals%20%26%20plants", Assert.Single(completed.GetProperty("result").GetProperty("completion").GetProperty("values").EnumerateArray()).GetString());
        Assert.Equal(-32602, refused.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(missing, refused.GetProperty("error").GetProperty("data").GetProperty("uri").GetString());
    }

    private async Task<ServerUnderTest> StartAsync()
    {
        await _knowledge.IngestAsync(Scope, [new SourceText("animals & plants", "Otters live in rivers.")]);
        var shared = new SharedKnowledge("k", _knowledge, Scope);
        return await ServerUnderTest.StartAsync(
            new McpToolServer(KnowledgeTools.Create(shared), new McpToolServerOptions { Resources = [new KnowledgeResources(shared)] }));
    }
}
