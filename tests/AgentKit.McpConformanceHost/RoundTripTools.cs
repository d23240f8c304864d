using System.Text.Json;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;
using static AgentKit.McpConformanceHost.FixtureTool;

namespace AgentKit.McpConformanceHost;

/// <summary>Tools that need several rounds.</summary>
internal static class RoundTripTools
{
    public static IEnumerable<AIFunction> Create() =>
    [
        Asking("test_input_required_result_elicitation", "Asks for a name.", call => call.AnswerTo("user_name") is { Accepted: true } answer
            ? $"Hello, {answer.Content.GetProperty("name").GetString()}!"
            : throw Ask(call, ("user_name", Field("What is your name?", "name")))),
        Asking("test_input_required_result_sampling", "Asks the client's model.", call => call.Response("capital_question") is { } reply
            ? reply.GetRawText()
            : throw Ask(call, ("capital_question", Sample("What is the capital of France?", 100)))),
        Asking("test_input_required_result_list_roots", "Asks for the client's roots.", call => call.Response("client_roots") is { } roots
            ? roots.GetRawText()
            : throw Ask(call, ("client_roots", Roots()))),
        Asking("test_input_required_result_request_state", "Remembers something.", call => call.State is not null && call.AnswerTo("confirm") is not null
            ? "state-ok"
            : throw call.Ask(One("confirm", Field("Please confirm", "ok", "boolean")), State(new { asked = true }))),
        Asking("test_input_required_result_tampered_state", "Remembers something.", call => call.State is not null
            ? "state-ok"
            : throw call.Ask(One("confirm", Field("Please confirm", "ok", "boolean")), State(new { asked = true }))),
        Asking("test_input_required_result_multiple_inputs", "Asks three things at once.", ThreeAtOnce),
        Asking("test_input_required_result_multi_round", "Asks twice.", TwoRounds),
        Asking("test_input_required_result_capabilities", "Asks what the client can answer.", WhatItCan),
    ];

    private static object? ThreeAtOnce(McpCall call)
    {
        if (call.Response("user_name") is not null && call.Response("greeting") is not null && call.Response("client_roots") is not null) return "All answered.";
        var questions = new Dictionary<string, InputRequest>
        {
            ["user_name"] = Field("What is your name?", "name"),
            ["greeting"] = Sample("Generate a greeting", 50),
            ["client_roots"] = Roots(),
        };
        throw call.Ask(questions, State(new { asked = 3 }));
    }

    private static object? TwoRounds(McpCall call)
    {
        if (call.State is { } state && state.TryGetProperty("name", out JsonElement name) && call.AnswerTo("step2") is { } color)
            return $"{name.GetString()} likes {color.Content.GetProperty("color").GetString()}.";
        if (call.AnswerTo("step1") is { Accepted: true } first)
        {
            var remembered = State(new { name = first.Content.GetProperty("name").GetString() });
            throw call.Ask(One("step2", Field("Step 2: What is your favorite color?", "color")), remembered);
        }

        throw call.Ask(One("step1", Field("Step 1: What is your name?", "name")), State(new { step = 1 }));
    }

    private static object? WhatItCan(McpCall call)
    {
        ClientCapabilities? client = Request(call).JsonRpcRequest.Context?.ClientCapabilities;
        var questions = new Dictionary<string, InputRequest>();
        if (client?.Elicitation is not null) questions["name"] = Field("What is your name?", "name");
        if (client?.Sampling is not null) questions["greeting"] = Sample("Generate a greeting", 50);
        if (questions.Count == 0 || questions.Keys.All(key => call.Response(key) is not null)) return "Nothing to ask.";
        throw call.Ask(questions);
    }

    private static Dictionary<string, InputRequest> One(string key, InputRequest question) => new() { [key] = question };
}
