using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentKit.Tests.Server;

public class StatelessRequestTests
{
    [Fact]
    public async Task Post_ToolCall_IsAnswered()
    {
        await using var server = await ServerUnderTest.StartAsync();

        (int status, JsonElement reply) = await server.SendAsync(ServerUnderTest.Call("echo", new JsonObject { ["text"] = "hello" }));

        Assert.Equal(200, status);
        JsonElement result = reply.GetProperty("result");
        Assert.Equal("hello", result.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("hello", result.GetProperty("structuredContent").GetProperty("result").GetString());
    }

    [Fact]
    public async Task Post_Discover_NamesTheModernRevisionOnly()
    {
        await using var server = await ServerUnderTest.StartAsync();

        (int status, JsonElement reply) = await server.SendAsync(ServerUnderTest.Post("server/discover"));

        Assert.Equal(200, status);
        Assert.Equal([ServerUnderTest.Modern], reply.GetProperty("result").GetProperty("supportedVersions").EnumerateArray().Select(version => version.GetString()!));
    }

    [Fact]
    public async Task Post_ListOfTools_HasSchemasOfResultsAndStaysTheSame()
    {
        await using var server = await ServerUnderTest.StartAsync();

        (_, JsonElement first) = await server.SendAsync(ServerUnderTest.Post("tools/list"));
        (_, JsonElement second) = await server.SendAsync(ServerUnderTest.Post("tools/list"));

        Assert.Equal(first.GetRawText(), second.GetRawText());
        JsonElement schema = first.GetProperty("result").GetProperty("tools")[0].GetProperty("outputSchema");
        Assert.Equal("string", schema.GetProperty("properties").GetProperty("result").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Post_NameTwiceInOneObject_IsRefused()
    {
        await using var server = await ServerUnderTest.StartAsync();
        HttpRequestMessage request = ServerUnderTest.Post("tools/list");
        string body = await request.Content!.ReadAsStringAsync();
        request.Content = new StringContent(body.Replace("\"params\":{", "\"params\":{\"_meta\":{},", StringComparison.Ordinal), new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));

        (int status, JsonElement reply) = await server.SendAsync(request);

        Assert.Equal(400, status);
        Assert.Equal(-32600, reply.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Contains("_meta", reply.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_WrongArgument_TellsFieldAndTypeToTheModel()
    {
        await using var server = await ServerUnderTest.StartAsync();

        (int status, JsonElement reply) = await server.SendAsync(ServerUnderTest.Call("echo", new JsonObject { ["text"] = 5, ["more"] = 1 }));

        Assert.Equal(200, status);
        Assert.True(reply.GetProperty("result").GetProperty("isError").GetBoolean());
        string text = reply.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString()!;
        Assert.Contains("argument 'text' must be a string, found 5", text, StringComparison.Ordinal);
        Assert.Contains("unknown argument 'more', allowed: 'text'", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mcp-Method", "tools/list", -32020)]
    [InlineData("Mcp-Method", null, -32020)]
    [InlineData("Mcp-Name", "other", -32020)]
    [InlineData("Mcp-Name", "=?base64?!!!?=", -32020)]
    [InlineData("Mcp-Name", null, -32020)]
    [InlineData("MCP-Protocol-Version", "2025-11-25", -32020)]
    [InlineData("MCP-Protocol-Version", null, -32020)]
    public async Task Post_HeaderThatIsNotTheMessages_IsRefused(string header, string? value, int code)
    {
        await using var server = await ServerUnderTest.StartAsync();
        HttpRequestMessage request = ServerUnderTest.Call("echo", new JsonObject { ["text"] = "x" });
        request.Headers.Remove(header);
        if (value is not null) request.Headers.TryAddWithoutValidation(header, value);

        (int status, JsonElement reply) = await server.SendAsync(request);

        Assert.Equal(400, status);
        Assert.Equal(code, reply.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(1, reply.GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task Post_NameInBase64_IsTheName()
    {
        await using var server = await ServerUnderTest.StartAsync();
        HttpRequestMessage request = ServerUnderTest.Call("echo", new JsonObject { ["text"] = "x" });
        request.Headers.Remove("Mcp-Name");
        request.Headers.Add("Mcp-Name", "=?base64?ZWNobw==?=");

        Assert.Equal(200, (await server.SendAsync(request)).Status);
    }

    [Fact]
    public async Task Post_UnknownRevision_NamesTheSupportedOnes()
    {
        await using var server = await ServerUnderTest.StartAsync();
        HttpRequestMessage request = ServerUnderTest.Raw("""{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2031-01-01"}}}""");
        request.Headers.Add("MCP-Protocol-Version", "2031-01-01");

        (int status, JsonElement reply) = await server.SendAsync(request);

        Assert.Equal(400, status);
        Assert.Equal(-32022, reply.GetProperty("error").GetProperty("code").GetInt32());
        JsonElement data = reply.GetProperty("error").GetProperty("data");
        Assert.Equal("2031-01-01", data.GetProperty("requested").GetString());
        Assert.Equal(ServerUnderTest.Modern, data.GetProperty("supported")[0].GetString());
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}""")]
    [InlineData("""{"io.modelcontextprotocol/clientCapabilities":{}}""")]
    public async Task Post_WithoutWhatEveryMessageBrings_IsRefused(string meta)
    {
        await using var server = await ServerUnderTest.StartAsync();

        (int status, JsonElement reply) = await server.SendAsync(ServerUnderTest.Post("tools/list", new JsonObject { ["_meta"] = JsonNode.Parse(meta) }));

        Assert.Equal(400, status);
        Assert.Equal(-32602, reply.GetProperty("error").GetProperty("code").GetInt32());
    }

    [Theory]
    [InlineData("initialize")]
    [InlineData("ping")]
    [InlineData("logging/setLevel")]
    [InlineData("resources/subscribe")]
    [InlineData("no/such")]
    public async Task Post_MethodThatIsGone_IsNotFound(string method)
    {
        await using var server = await ServerUnderTest.StartAsync();

        (int status, JsonElement reply) = await server.SendAsync(ServerUnderTest.Post(method));

        Assert.Equal(404, status);
        Assert.Equal(-32601, reply.GetProperty("error").GetProperty("code").GetInt32());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    [InlineData("PUT")]
    public async Task Request_OtherThanPost_IsNotAllowed(string method)
    {
        await using var server = await ServerUnderTest.StartAsync();
        var request = new HttpRequestMessage(new HttpMethod(method), "/mcp");
        request.Headers.Add("MCP-Protocol-Version", ServerUnderTest.Modern);

        using HttpResponseMessage response = await server.Client().SendAsync(request);

        Assert.Equal(405, (int)response.StatusCode);
        Assert.Equal("POST", Assert.Single(response.Content.Headers.Allow));
    }
}
