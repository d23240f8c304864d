using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Server;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Server;

public class SessionTests
{
    private static JsonObject EchoOf(string text) => new() { ["name"] = "echo", ["arguments"] = new JsonObject { ["text"] = text } };

    [Fact]
    public async Task Post_InASession_IsAnswered()
    {
        await using var server = await ServerUnderTest.StartAsync();
        string session = await server.BeginAsync();

        (int accepted, _) = await server.SendAsync(ServerUnderTest.InSession(session, "notifications/initialized", id: null));
        (int status, JsonElement reply) = await server.SendAsync(ServerUnderTest.InSession(session, "tools/call", EchoOf("hi")));

        Assert.Equal(202, accepted);
        Assert.Equal(200, status);
        Assert.Equal("hi", reply.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Post_WithoutASession_SaysHowToBegin()
    {
        await using var server = await ServerUnderTest.StartAsync();

        (int status, JsonElement reply) = await server.SendAsync(ServerUnderTest.InSession(null, "tools/list"));

        Assert.Equal(400, status);
        Assert.Contains("initialize", reply.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Begin_WithAMalformedHandshake_IsRefusedAndLeavesNoSession()
    {
        await using var server = await ServerUnderTest.StartAsync();

        using HttpResponseMessage response = await server.Client().SendAsync(
            ServerUnderTest.InSession(null, "initialize", new JsonObject { ["protocolVersion"] = "2025-11-25" }));
        JsonElement reply = ServerUnderTest.Last(await response.Content.ReadAsStringAsync());

        Assert.Equal(400, (int)response.StatusCode);
        Assert.False(response.Headers.Contains("Mcp-Session-Id"));
        Assert.Equal(-32602, reply.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Contains("clientInfo", reply.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_EndsTheSession()
    {
        await using var server = await ServerUnderTest.StartAsync();
        string session = await server.BeginAsync();
        var delete = new HttpRequestMessage(HttpMethod.Delete, "/mcp");
        delete.Headers.Add("Mcp-Session-Id", session);

        using HttpResponseMessage deleted = await server.Client().SendAsync(delete);
        (int status, JsonElement reply) = await server.SendAsync(ServerUnderTest.InSession(session, "tools/list"));

        Assert.Equal(204, (int)deleted.StatusCode);
        Assert.Equal(404, status);
        Assert.Equal(-32001, reply.GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Begin_WhenAllPlacesAreTaken_EndsTheSessionThatIsIdleForLongest()
    {
        var time = new FakeTimeProvider();
        await using var server = await ServerUnderTest.StartAsync(new McpHttpOptions { MaxSessions = 2, TimeProvider = time });
        string first = await server.BeginAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        string second = await server.BeginAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await server.SendAsync(ServerUnderTest.InSession(first, "tools/list"))).Status);

        string third = await server.BeginAsync();

        Assert.Equal(404, (await server.SendAsync(ServerUnderTest.InSession(second, "tools/list"))).Status);
        Assert.Equal(200, (await server.SendAsync(ServerUnderTest.InSession(first, "tools/list"))).Status);
        Assert.Equal(200, (await server.SendAsync(ServerUnderTest.InSession(third, "tools/list"))).Status);
    }

    [Fact]
    public async Task Begin_WhenEverySessionIsAtWork_IsRefused()
    {
        var entered = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        AIFunction slow = AIFunctionFactory.Create(
            async () =>
            {
                entered.SetResult();
                await release.Task;
            },
            "slow");
        await using var server = await ServerUnderTest.StartAsync(new McpHttpOptions { MaxSessions = 1 }, slow);
        string session = await server.BeginAsync();
        Task<(int Status, JsonElement Reply)> working = server.SendAsync(ServerUnderTest.InSession(session, "tools/call", new JsonObject { ["name"] = "slow" }));
        await entered.Task;

        (int refused, _) = await server.SendAsync(ServerUnderTest.InSession(null, "initialize"));
        release.SetResult();

        Assert.Equal(503, refused);
        Assert.Equal(200, (await working).Status);
    }

    [Fact]
    public async Task Session_ThatIsIdleForTooLong_Ends()
    {
        var time = new FakeTimeProvider();
        await using var server = await ServerUnderTest.StartAsync(new McpHttpOptions { SessionIdleTimeout = TimeSpan.FromMinutes(5), TimeProvider = time });
        string session = await server.BeginAsync();
        time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(200, (await server.SendAsync(ServerUnderTest.InSession(session, "tools/list"))).Status);

        // The timer's message has to be handled before the session is gone, which nobody is told of.
        int status;
        do
        {
            time.Advance(TimeSpan.FromMinutes(6));
            status = (await server.SendAsync(ServerUnderTest.InSession(session, "tools/list"))).Status;
        }
        while (status == 200);

        Assert.Equal(404, status);
    }

    [Fact]
    public async Task Get_WithTheLastEvent_SendsWhatFollowed()
    {
        await using var server = await ServerUnderTest.StartAsync();
        string session = await server.BeginAsync();
        HttpRequestMessage call = ServerUnderTest.InSession(session, "tools/call", EchoOf("kept"));
        call.Headers.Add("MCP-Protocol-Version", "2025-11-25");
        using HttpResponseMessage answered = await server.Client().SendAsync(call);
        string[] ids = [.. (await answered.Content.ReadAsStringAsync()).Split('\n').Where(line => line.StartsWith("id: ", StringComparison.Ordinal)).Select(line => line[4..].Trim())];
        Assert.NotEmpty(ids);

        using HttpResponseMessage resumed = await ResumeAsync(server, session, ids[0]);
        using HttpResponseMessage unknown = await ResumeAsync(server, session, "nothing-9");

        Assert.Equal("kept", ServerUnderTest.Last(await resumed.Content.ReadAsStringAsync()).GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal(404, (int)unknown.StatusCode);
    }

    [Fact]
    public async Task Get_Twice_IsRefusedTheSecondTime()
    {
        await using var server = await ServerUnderTest.StartAsync();
        string session = await server.BeginAsync();

        using HttpResponseMessage first = await ListenAsync(server, session);
        using HttpResponseMessage second = await ListenAsync(server, session);

        Assert.Equal(200, (int)first.StatusCode);
        Assert.Equal(409, (int)second.StatusCode);
    }

    [Fact]
    public async Task Get_AfterTheStreamHasEnded_IsToldThatThereIsNone()
    {
        await using var server = await ServerUnderTest.StartAsync();
        string session = await server.BeginAsync();
        int status;
        (await ListenAsync(server, session)).Dispose();

        // The server learns of the end a moment later.
        do
        {
            using HttpResponseMessage again = await ListenAsync(server, session);
            status = (int)again.StatusCode;
        }
        while (status == 409);

        Assert.Equal(405, status);
    }

    private static Task<HttpResponseMessage> ListenAsync(ServerUnderTest server, string session)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/mcp");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.Add("Mcp-Session-Id", session);
        return server.Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static Task<HttpResponseMessage> ResumeAsync(ServerUnderTest server, string session, string lastEvent)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/mcp");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.Add("Mcp-Session-Id", session);
        request.Headers.Add("Last-Event-ID", lastEvent);
        return server.Client().SendAsync(request);
    }
}
