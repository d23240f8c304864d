using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Server;
using AgentKit.Tools.Mcp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Server;

/// <summary>The endpoint in an application without a port, and what a client sends to it.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    public const string Modern = "2026-07-28";

    private readonly WebApplication _app;

    private ServerUnderTest(WebApplication app) => _app = app;

    public static Task<ServerUnderTest> StartAsync(McpHttpOptions? options = null, params AIFunction[] tools) =>
        StartAsync(new McpToolServer(tools.Length > 0 ? tools : [Echo]), options);

    public static async Task<ServerUnderTest> StartAsync(McpToolServer server, McpHttpOptions? options = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        WebApplication app = builder.Build();
        app.MapAgentKitMcp(server, options);
        await app.StartAsync();
        return new ServerUnderTest(app);
    }

    public static AIFunction Echo { get; } = AIFunctionFactory.Create((string text) => text, "echo", "Returns the text.");

    public HttpClient Client() => _app.GetTestClient();

    /// <summary>A request of the modern era with all that it needs; what a test wants to be wrong, it sets itself.</summary>
    public static HttpRequestMessage Post(string method, JsonObject? parameters = null, string? name = null, int id = 1)
    {
        parameters ??= [];
        if (!parameters.ContainsKey("_meta"))
        {
            parameters["_meta"] = new JsonObject
            {
                ["io.modelcontextprotocol/protocolVersion"] = Modern,
                ["io.modelcontextprotocol/clientCapabilities"] = new JsonObject(),
            };
        }

        var body = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters };
        HttpRequestMessage request = Raw(body.ToJsonString());
        request.Headers.Add("MCP-Protocol-Version", Modern);
        request.Headers.Add("Mcp-Method", method);
        if (name is not null) request.Headers.Add("Mcp-Name", name);
        return request;
    }

    public static HttpRequestMessage Call(string tool, JsonObject arguments) =>
        Post("tools/call", new JsonObject { ["name"] = tool, ["arguments"] = arguments }, tool);

    /// <summary>A request of the era with sessions.</summary>
    public static HttpRequestMessage InSession(string? session, string method, JsonObject? parameters = null, int? id = 1)
    {
        var body = new JsonObject { ["jsonrpc"] = "2.0", ["method"] = method, ["params"] = parameters ?? [] };
        if (id is not null) body["id"] = id;
        HttpRequestMessage request = Raw(body.ToJsonString());
        if (session is not null) request.Headers.Add("Mcp-Session-Id", session);
        return request;
    }

    public static HttpRequestMessage Raw(string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        return request;
    }

    public async Task<(int Status, JsonElement Reply)> SendAsync(HttpRequestMessage request)
    {
        using HttpResponseMessage response = await Client().SendAsync(request);
        return ((int)response.StatusCode, Last(await response.Content.ReadAsStringAsync()));
    }

    /// <summary>Begins a session.</summary>
    public async Task<string> BeginAsync(string? token = null)
    {
        var parameters = new JsonObject
        {
            ["protocolVersion"] = "2025-11-25",
            ["capabilities"] = new JsonObject(),
            ["clientInfo"] = new JsonObject { ["name"] = "test", ["version"] = "1" },
        };
        HttpRequestMessage request = InSession(null, "initialize", parameters);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage response = await Client().SendAsync(request);
        Assert.Equal(200, (int)response.StatusCode);
        await response.Content.ReadAsStringAsync();
        return response.Headers.GetValues("Mcp-Session-Id").Single();
    }

    /// <summary>The last message of a response, be it JSON or a stream of events.</summary>
    public static JsonElement Last(string body)
    {
        string[] events = [.. body.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => line[6..])];
        string json = events.Length > 0 ? events[^1] : body;
        return json.Length == 0 ? default : JsonElement.Parse(json);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
