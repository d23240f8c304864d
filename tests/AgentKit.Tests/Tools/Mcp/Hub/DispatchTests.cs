using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using AgentKit.Testing;
using AgentKit.Tools.Mcp.Hub;
using AgentKit.Tools.Mcp.Hub.Dispatch;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Tools.Mcp.Hub;

/// <summary>More tools than a model can choose among.</summary>
public sealed class DispatchTests : IAsyncLifetime
{
    private readonly ScriptedServer _server = new();
    private McpHub _hub = null!;

    public async Task InitializeAsync()
    {
        _server.Tools.AddRange(Enumerable.Range(0, 30).Select(i => ScriptedServer.Tool($"lookup_{i}", $"Looks up number {i}.")));
        _server.Tools.Add(ScriptedServer.Tool("getWeather", "Forecasts for cities.", properties: """{"city":{"type":"string"}}"""));
        _server.Tools.Add(ScriptedServer.Tool("create_issue", "Opens an issue.", readOnly: false));
        _server.Tools.Add(ScriptedServer.Tool("delete_repo", "Deletes a repository.", readOnly: false));
        _server.Tools.Add(ScriptedServer.Tool("pinned", "Named by the entry.", readOnly: false));
        McpServerEntry entry = _server.Entry() with
        {
            Tools = new Dictionary<string, ApprovalAnswer> { ["pinned"] = ApprovalAnswer.Ask, ["lookup_7"] = ApprovalAnswer.Ask },
        };
        _hub = await McpHub.ConnectAsync([entry], new McpHubOptions { MostTools = 20 }, _server.OpenAsync, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static ToolPolicy Forbidding(string tool) => new() { Rules = [new ToolRule("*", tool, ApprovalAnswer.Deny)] };

    private AIFunction Tool(string name, ToolPolicy? policy = null) => _hub.ToolsFor(policy ?? new ToolPolicy()).Single(tool => tool.Name == name);

    private static async Task<string> Call(AIFunction tool, string arguments) =>
        (string)(await tool.InvokeAsync(new AIFunctionArguments(
            JsonElement.Parse(arguments).EnumerateObject().ToDictionary(a => a.Name, a => (object?)a.Value))))!;

    [Fact]
    public void ToolsFor_MoreThanTheLimit_AreNamedOnesAndThreeForTheRest()
    {
        Assert.Equal(
            ["demo_lookup_7", "demo_pinned", "find_tools", "call_tool", "call_tool_with_consent"],
            _hub.ToolsFor(new ToolPolicy()).Select(tool => tool.Name));
        Assert.Equal(34, _hub.Tools.Count);
    }

    [Theory]
    [InlineData("weather in a city", "demo_getWeather", "call_tool\n")]
    [InlineData("forecast", "demo_getWeather", "call_tool\n")]
    [InlineData("open new issues", "demo_create_issue", "call_tool_with_consent")]
    [InlineData("delete a repository", "demo_delete_repo", "call_tool_with_consent")]
    [InlineData("lookup 23", "demo_lookup_23", "call_tool\n")]
    public async Task Find_ByWords_PutsTheToolFirstWithAllItTakesToCallIt(string query, string tool, string caller)
    {
        string found = await Call(Tool(DispatchTools.Find), JsonSerializer.Serialize(new { query })) + "\n";

        Assert.StartsWith($"{tool}: ", found);
        string first = found.Split("\ndemo_")[0] + "\n";
        Assert.Contains("arguments: {\"type\":\"object\"", first);
        Assert.Contains($"call with: {caller}", first);
    }

    [Fact]
    public async Task Find_NothingFits_SaysWhatThereIs() =>
        Assert.Equal("No tool fits 'xylophone'. Use other words; the servers are demo.", await Call(Tool(DispatchTools.Find), """{"query":"xylophone"}"""));

    [Fact]
    public async Task Call_ReadingTool_NeedsNoConsentAndChecksArguments()
    {
        AIFunction call = Tool(DispatchTools.Call);
        Assert.Equal(ApprovalAnswer.Allow, new ToolPolicy().For(call));

        Assert.Contains("getWeather was called", await Call(call, """{"name":"demo_getWeather","arguments":{"city":"Oslo"}}"""));
        var fault = await Assert.ThrowsAsync<ToolException>(() => Call(call, """{"name":"demo_getWeather","arguments":{"city":5}}"""));
        Assert.StartsWith("demo_getWeather: ", fault.Message);
    }

    [Fact]
    public async Task Call_WritingTool_OnlyThroughTheOneThatIsAskedAbout()
    {
        var fault = await Assert.ThrowsAsync<ToolException>(() => Call(Tool(DispatchTools.Call), """{"name":"demo_delete_repo","arguments":{}}"""));

        Assert.StartsWith("'call_tool' can call no tool 'demo_delete_repo'", fault.Message);
        Assert.Equal(ApprovalAnswer.Ask, new ToolPolicy().For(Tool(DispatchTools.CallWithConsent)));
        Assert.Contains("was called", await Call(Tool(DispatchTools.CallWithConsent), """{"name":"demo_delete_repo","arguments":{}}"""));
    }

    [Fact]
    public async Task Call_ForbiddenTool_CannotBeFoundOrCalled()
    {
        ToolPolicy policy = Forbidding("demo_delete_repo");

        Assert.DoesNotContain("delete_repo", await Call(Tool(DispatchTools.Find, policy), """{"query":"delete a repository"}"""));
        await Assert.ThrowsAsync<ToolException>(
            () => Call(Tool(DispatchTools.CallWithConsent, policy), """{"name":"demo_delete_repo","arguments":{}}"""));
    }

    [Fact]
    public async Task Call_WithAKey_PassesItOn()
    {
        string? key = null;
        _server.OnCall = (request, _) =>
        {
            key = (string?)request.Meta?["agentkit/call-key"];
            return new(new ModelContextProtocol.Protocol.CallToolResult());
        };
        var arguments = new AIFunctionArguments { ["name"] = "demo_lookup_1", ["arguments"] = JsonElement.Parse("{}") };
        ToolCallKey.Set(arguments, "abc");

        await Tool(DispatchTools.Call).InvokeAsync(arguments);

        Assert.Equal("abc", key);
    }
}
