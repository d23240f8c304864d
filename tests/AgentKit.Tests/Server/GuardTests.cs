using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Server;
using AgentKit.Tools.Mcp;

namespace AgentKit.Tests.Server;

public class GuardTests
{
    private static readonly McpHttpOptions Named = new() { AllowedHosts = ["agent.example"], AllowedOrigins = ["https://ide.example"] };

    [Theory]
    [InlineData("localhost", null, 200)]
    [InlineData("localhost:8080", "http://localhost:3000", 200)]
    [InlineData("127.0.0.1:8080", "http://127.0.0.1", 200)]
    [InlineData("[::1]:8080", "https://[::1]:99", 200)]
    [InlineData("agent.example", "https://ide.example", 200)]
    [InlineData("evil.example", null, 403)]
    [InlineData("localhost.evil.example", null, 403)]
    [InlineData("127.0.0.1.evil.example", null, 403)]
    [InlineData("localhost", "https://evil.example", 403)]
    [InlineData("localhost", "https://localhost.evil.example", 403)]
    [InlineData("localhost", "https://ide.example.evil.example", 403)]
    [InlineData("localhost", "http://localhost@evil.example", 403)]
    [InlineData("localhost", "http://user@localhost", 403)]
    [InlineData("localhost", "file://localhost", 403)]
    [InlineData("localhost", "null", 403)]
    public async Task Request_ByHostAndOrigin_IsLetInOrRefused(string host, string? origin, int expected)
    {
        await using var server = await ServerUnderTest.StartAsync(Named);
        HttpRequestMessage request = ServerUnderTest.Post("tools/list");
        request.Headers.Host = host;
        if (origin is not null) request.Headers.TryAddWithoutValidation("Origin", origin);

        Assert.Equal(expected, (await server.SendAsync(request)).Status);
    }

    [Fact]
    public async Task Preflight_OfAnAllowedPage_IsAnsweredWithoutSigningIn()
    {
        await using var server = await ServerUnderTest.StartAsync(Named with { BearerToken = "a secret of some length" });
        var request = new HttpRequestMessage(HttpMethod.Options, "/mcp");
        request.Headers.TryAddWithoutValidation("Origin", "https://ide.example");
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", "POST");

        using HttpResponseMessage response = await server.Client().SendAsync(request);

        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal("https://ide.example", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains("Mcp-Session-Id", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Headers")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain", "application/json, text/event-stream", 415)]
    [InlineData("application/x-www-form-urlencoded", "application/json, text/event-stream", 415)]
    [InlineData("application/json", "application/json", 406)]
    [InlineData("application/json", "text/event-stream", 406)]
    [InlineData("application/json", "text/html", 406)]
    public async Task Request_OfAnotherForm_IsRefused(string content, string accept, int expected)
    {
        await using var server = await ServerUnderTest.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent("{}", Encoding.UTF8, content) };
        request.Headers.TryAddWithoutValidation("Accept", accept);

        Assert.Equal(expected, (await server.SendAsync(request)).Status);
    }

    [Theory]
    [InlineData("", -32700)]
    [InlineData("{", -32700)]
    [InlineData("[]", -32600)]
    [InlineData("null", -32600)]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"x"}""", -32600)]
    [InlineData("""{"id":1,"method":"x"}""", -32600)]
    public async Task Request_WithoutAMessage_IsRefused(string body, int code)
    {
        await using var server = await ServerUnderTest.StartAsync();

        (int status, JsonElement reply) = await server.SendAsync(ServerUnderTest.Raw(body));

        Assert.Equal(400, status);
        Assert.Equal(code, reply.GetProperty("error").GetProperty("code").GetInt32());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Request_ThatIsTooLong_IsRefused(bool saysHowLong)
    {
        await using var server = await ServerUnderTest.StartAsync(new McpHttpOptions { MaxBodyBytes = 2048 });
        HttpRequestMessage request = ServerUnderTest.Call("echo", new JsonObject { ["text"] = new string('x', 3000) });
        if (!saysHowLong)
        {
            request.Content!.Headers.ContentLength = null;
            request.Headers.TransferEncodingChunked = true;
        }

        Assert.Equal(413, (await server.SendAsync(request)).Status);
    }

    [Fact]
    public async Task Requests_MoreThanTheRate_AreToldWhenToComeBack()
    {
        await using var server = await ServerUnderTest.StartAsync(new McpHttpOptions { MaxRequestsPerSecond = 1 });
        var statuses = new List<int>();
        for (int i = 0; i < 4; i++) statuses.Add((await server.SendAsync(ServerUnderTest.Post("tools/list"))).Status);

        Assert.Equal([200, 200], statuses.Take(2));
        Assert.Contains(429, statuses);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://192.168.1.5:0")]
    [InlineData("http://agent.example:0")]
    public async Task Start_WhereOthersCanReachIt_NeedsSignIn(string url)
    {
        var server = new McpToolServer([ServerUnderTest.Echo]);

        var fault = await Assert.ThrowsAsync<UserInputException>(() => McpHttpServer.StartAsync(server, new Uri(url)));

        Assert.Contains("token", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("Bearer wrong-secret-of-sixteen", 401)]
    [InlineData("Basic c2VjcmV0LXNlY3JldC1zZWNyZXQ=", 401)]
    [InlineData("Bearer secret-secret-secret", 200)]
    public async Task Request_WithASecretNeeded_IsLetInWithItOnly(string? authorization, int expected)
    {
        await using var server = await ServerUnderTest.StartAsync(new McpHttpOptions { BearerToken = "secret-secret-secret" });
        HttpRequestMessage request = ServerUnderTest.Post("tools/list");
        if (authorization is not null) request.Headers.Authorization = AuthenticationHeaderValue.Parse(authorization);

        using HttpResponseMessage response = await server.Client().SendAsync(request);

        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Equal(expected == 401, response.Headers.WwwAuthenticate.Count > 0);
    }
}
