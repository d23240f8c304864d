using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Agents;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Server.Offers;
using AgentKit.Tests.Support;
using AgentKit.Tools.Mcp;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Server.Offers;

public sealed class AskAgentTests : IAsyncDisposable
{
    private static readonly byte[] Key = new byte[32];

    private readonly InMemoryJournal _journal = new();
    private readonly List<Agent> _agents = [];
    private int _deleted;

    public async ValueTask DisposeAsync()
    {
        foreach (Agent agent in _agents) await agent.DisposeAsync();
    }

    [Fact]
    public async Task Call_OfAnAgentThatAnswers_GivesTheAnswerAndALinkToTheRun()
    {
        await using var server = await StartAsync(ScriptedReply.Text("42"));

        (_, JsonElement reply) = await server.SendAsync(Ask());

        JsonElement result = reply.GetProperty("result");
        Assert.Equal("42", result.GetProperty("content")[0].GetProperty("text").GetString());
        JsonElement structured = result.GetProperty("structuredContent");
        Assert.Equal("completed", structured.GetProperty("status").GetString());
        Assert.Equal(structured.GetProperty("uri").GetString(), result.GetProperty("content")[1].GetProperty("uri").GetString());
        Assert.NotNull(await RunView.LoadAsync(_journal, structured.GetProperty("run_id").GetString()!));
    }

    [Theory]
    [InlineData("accept", true, 1)]
    [InlineData("accept", false, 0)]
    [InlineData("decline", true, 0)]
    [InlineData("cancel", true, 0)]
    public async Task Call_ThatNeedsConsent_AsksTheUserAndGoesOn(string action, bool allow, int deleted)
    {
        await using var server = await StartAsync(ScriptedReply.Call("delete", id: "c1"), ScriptedReply.Text("done"));
        (_, JsonElement asked) = await server.SendAsync(Ask(Elicits));
        JsonElement question = asked.GetProperty("result");
        Assert.Equal("input_required", question.GetProperty("resultType").GetString());
        JsonProperty request = Assert.Single(question.GetProperty("inputRequests").EnumerateObject());
        Assert.Contains("delete", request.Value.GetProperty("params").GetProperty("message").GetString(), StringComparison.Ordinal);

        (_, JsonElement reply) = await server.SendAsync(Ask(Elicits, question.GetProperty("requestState").GetString(), Answers(request.Name, action, allow)));

        Assert.Equal("done", reply.GetProperty("result").GetProperty("structuredContent").GetProperty("answer").GetString());
        Assert.Equal(deleted, _deleted);
    }

    [Fact]
    public async Task Call_WithAStateThatIsForgedOrUsed_IsRefused()
    {
        await using var server = await StartAsync(ScriptedReply.Call("delete", id: "c1"), ScriptedReply.Text("done"));
        (_, JsonElement asked) = await server.SendAsync(Ask(Elicits));
        string state = asked.GetProperty("result").GetProperty("requestState").GetString()!;
        JsonObject Yes() => Answers("c1", "accept", true);

        int Code((int Status, JsonElement Reply) answer) => answer.Reply.GetProperty("error").GetProperty("code").GetInt32();
        Assert.Equal(-32602, Code(await server.SendAsync(Ask(Elicits, state[..^3] + "abc", Yes()))));
        Assert.Equal(-32602, Code(await server.SendAsync(Ask(Elicits, state, Yes(), task: "another task"))));
        Assert.Equal(0, _deleted);
        await server.SendAsync(Ask(Elicits, state, Yes()));
        Assert.Equal(-32602, Code(await server.SendAsync(Ask(Elicits, state, Yes()))));
        Assert.Equal(1, _deleted);
    }

    [Fact]
    public async Task Call_OfAClientThatCannotBeAsked_SaysHowToDecide()
    {
        await using var server = await StartAsync(ScriptedReply.Call("delete", id: "c1"));

        (_, JsonElement reply) = await server.SendAsync(Ask());

        JsonElement result = reply.GetProperty("result");
        Assert.Equal("waiting", result.GetProperty("structuredContent").GetProperty("status").GetString());
        Assert.Contains("agentkit runs approve", result.GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Task_ThatNeedsConsent_WaitsForItAndCompletes()
    {
        await using var server = await StartAsync(ScriptedReply.Call("delete", id: "c1"), ScriptedReply.Text("done"));
        (_, JsonElement created) = await server.SendAsync(Ask(KnowsTasks));
        Assert.Equal("task", created.GetProperty("result").GetProperty("resultType").GetString());
        string id = created.GetProperty("result").GetProperty("taskId").GetString()!;

        JsonElement waiting = await UntilAsync(server, id, "input_required");
        Assert.True(waiting.GetProperty("inputRequests").TryGetProperty("c1", out _));
        await server.SendAsync(OfTask("tasks/update", id, new JsonObject { ["inputResponses"] = Answers("c1", "accept", true) }));
        JsonElement done = await UntilAsync(server, id, "completed");

        Assert.Equal("done", done.GetProperty("result").GetProperty("structuredContent").GetProperty("answer").GetString());
        Assert.Equal(1, _deleted);
    }

    [Fact]
    public async Task Task_OfAProcessThatHasDied_GoesOnWhenItIsAskedFor()
    {
        string id;
        await using (var first = await StartAsync(ScriptedReply.Call("delete", id: "c1")))
        {
            (_, JsonElement created) = await first.SendAsync(Ask(KnowsTasks));
            id = created.GetProperty("result").GetProperty("taskId").GetString()!;
            await UntilAsync(first, id, "input_required");
        }

        await using var second = await StartAsync(ScriptedReply.Text("done"));
        await second.SendAsync(OfTask("tasks/update", id, new JsonObject { ["inputResponses"] = Answers("c1", "accept", true) }));

        Assert.Equal("done", (await UntilAsync(second, id, "completed")).GetProperty("result").GetProperty("structuredContent").GetProperty("answer").GetString());
    }

    [Fact]
    public async Task Task_ThatWaits_CanBeCancelled()
    {
        await using var server = await StartAsync(ScriptedReply.Call("delete", id: "c1"));
        (_, JsonElement created) = await server.SendAsync(Ask(KnowsTasks));
        string id = created.GetProperty("result").GetProperty("taskId").GetString()!;
        await UntilAsync(server, id, "input_required");

        await server.SendAsync(OfTask("tasks/cancel", id));

        await UntilAsync(server, id, "cancelled");
        Assert.Equal(0, _deleted);
    }

    [Fact]
    public async Task Task_AtWork_CanBeCancelled()
    {
        var never = new TaskCompletionSource();
        await using var server = await StartAsync(ScriptedReply.Text("late") with { Gate = never.Task });
        (_, JsonElement created) = await server.SendAsync(Ask(KnowsTasks));
        string id = created.GetProperty("result").GetProperty("taskId").GetString()!;

        await server.SendAsync(OfTask("tasks/cancel", id));

        await UntilAsync(server, id, "cancelled");
    }

    [Fact]
    public async Task Task_ByAnIdThatWasNotSigned_IsUnknown()
    {
        await using var server = await StartAsync(ScriptedReply.Text("42"));
        (_, JsonElement created) = await server.SendAsync(Ask(KnowsTasks));
        string id = created.GetProperty("result").GetProperty("taskId").GetString()!;

        foreach (string other in (string[])[id[..^1] + (id[^1] == '0' ? '1' : '0'), id[..id.LastIndexOf('.')], "no-such.task"])
            Assert.Equal(-32602, (await server.SendAsync(OfTask("tasks/get", other))).Reply.GetProperty("error").GetProperty("code").GetInt32());
    }

    private static JsonObject Elicits => new() { ["elicitation"] = new JsonObject() };

    private static JsonObject KnowsTasks => new()
    {
        ["elicitation"] = new JsonObject(), ["extensions"] = new JsonObject { ["io.modelcontextprotocol/tasks"] = new JsonObject() },
    };

    private static JsonObject Answers(string key, string action, bool allow) => new()
    {
        [key] = new JsonObject { ["action"] = action, ["content"] = new JsonObject { ["allow"] = allow } },
    };

    private static JsonObject Meta(JsonObject? capabilities) => new()
    {
        ["io.modelcontextprotocol/protocolVersion"] = ServerUnderTest.Modern,
        ["io.modelcontextprotocol/clientCapabilities"] = capabilities ?? [],
    };

    private static HttpRequestMessage Ask(JsonObject? capabilities = null, string? state = null, JsonObject? answers = null, string task = "tidy up")
    {
        var parameters = new JsonObject { ["name"] = "ask_agent", ["arguments"] = new JsonObject { ["task"] = task }, ["_meta"] = Meta(capabilities) };
        if (state is not null) parameters["requestState"] = state;
        if (answers is not null) parameters["inputResponses"] = answers;
        return ServerUnderTest.Post("tools/call", parameters, "ask_agent");
    }

    private static HttpRequestMessage OfTask(string method, string id, JsonObject? more = null)
    {
        JsonObject parameters = more ?? [];
        parameters["taskId"] = id;
        parameters["_meta"] = Meta(KnowsTasks);
        return ServerUnderTest.Post(method, parameters, id);
    }

    /// <summary>Asks until the task has a status; a test that waits in vain is ended by the test run's own limit.</summary>
    private static async Task<JsonElement> UntilAsync(ServerUnderTest server, string id, string status)
    {
        for (;;)
        {
            JsonElement task = (await server.SendAsync(OfTask("tasks/get", id))).Reply.GetProperty("result");
            string found = task.GetProperty("status").GetString()!;
            if (found == status) return task;
            Assert.Contains(found, (string[])["working", "input_required"]);
            await Task.Yield();
        }
    }

    private Task<ServerUnderTest> StartAsync(params ScriptedReply[] replies)
    {
        AIFunction delete = new ToolContract(ToolReplay.Unsafe, SideEffect.LocalWrite).Apply(
            AIFunctionFactory.Create(() => Interlocked.Increment(ref _deleted), "delete", "Deletes something."));
        var agent = new Agent(new ScriptedModel(replies), new AgentOptions
        {
            Tools = [delete], Journal = _journal, Approver = (_, _) => new(ApprovalReply.Wait), RecoverAtStart = false,
        });
        _agents.Add(agent);
        AIFunction tool = AskAgent.Create(new AgentOffer(_ => new(agent), _journal, Key) { LinksRuns = true });
        return ServerUnderTest.StartAsync(new McpToolServer([tool], new McpToolServerOptions { StateKey = Key, Resources = [new RunResources(_journal)] }));
    }
}
