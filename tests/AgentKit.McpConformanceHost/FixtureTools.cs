using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using static AgentKit.McpConformanceHost.FixtureTool;

namespace AgentKit.McpConformanceHost;

/// <summary>The tools the conformance suite calls, under the names and with the results it asks for.</summary>
internal static class FixtureTools
{
    // One red pixel, and a sound of no length.
    public static readonly byte[] Png = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==");

    private static readonly byte[] Wav = Convert.FromBase64String("UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=");

    public static IEnumerable<AIFunction> Create(FixturePrompts prompts, BackgroundTasks tasks) =>
        [.. Contents(), .. Reports(prompts), .. Questions(), .. RoundTripTools.Create(), .. Headers(), .. TaskTools.Create(tasks)];

    private static IEnumerable<AIFunction> Contents() =>
    [
        Simple("test_simple_text", "Returns a text.", () => "This is a simple text response for testing."),
        Simple("test_image_content", "Returns an image.", () => new DataContent(Png, "image/png")),
        Simple("test_audio_content", "Returns a sound.", () => new DataContent(Wav, "audio/wav")),
        Simple("test_embedded_resource", "Returns a resource.", () => Result(Resource("test://embedded-resource", "text/plain", "This is an embedded resource content."))),
        Simple("test_multiple_content_types", "Returns a text, an image and a resource.", () => Result(
            new TextContentBlock { Text = "Multiple content types test:" },
            ImageContentBlock.FromBytes(Png, "image/png"),
            Resource("test://mixed-content-resource", "application/json", """{"test":"data","value":123}"""))),
        Simple("test_error_handling", "Always fails.", () => throw new ToolException("This tool intentionally returns an error for testing")),
    ];

    private static IEnumerable<AIFunction> Reports(FixturePrompts prompts) =>
    [
        new FixtureTool("test_tool_with_progress", "Reports how far it is.", NoArguments, async (_, call, stop) =>
        {
            foreach (int done in (int[])[0, 50, 100])
            {
                await call.ReportAsync(done, 100);
                await Task.Delay(50, stop);
            }

            return "Progress was reported.";
        }),
        new FixtureTool("test_tool_with_logging", "Logs what it does.", NoArguments, (_, call, stop) => LogAsync(
            call, stop, "Tool execution started", "Tool processing data", "Tool execution completed")),
        new FixtureTool("test_logging_tool", "Logs when the request asks for it.", NoArguments, (_, call, stop) =>
            Request(call).JsonRpcRequest.Context?.LogLevel is null ? new("Nothing was logged.") : LogAsync(call, stop, "Logged on request")),
        Simple("test_trigger_prompt_change", "Adds a prompt or takes it away.", () => prompts.Toggle()),
        Simple("test_missing_capability", "Needs a client that samples.", () => "The client samples.").Needing(
            capabilities => capabilities?.Sampling is not null, new ClientCapabilities { Sampling = new SamplingCapability() }),
        new FixtureTool("json_schema_2020_12_tool", "Has a schema that uses much of JSON Schema 2020-12.", Schemas.Rich, (_, _, _) => new("ok")),
    ];

    private static IEnumerable<AIFunction> Questions() =>
    [
        new FixtureTool("test_sampling", "Asks the client's model.", """{"type":"object","properties":{"prompt":{"type":"string"}},"required":["prompt"]}""", (given, call, _) =>
            call.Response("sample") is { } reply
                ? new($"LLM response: {reply.GetProperty("content").GetRawText()}")
                : throw Ask(call, ("sample", Sample(Text(given, "prompt"), 100)))),
        new FixtureTool("test_elicitation", "Asks the user.", """{"type":"object","properties":{"message":{"type":"string"}},"required":["message"]}""", (given, call, _) =>
            new(AskOnce(call, "User response: ", Text(given, "message"), Schemas.Person))),
        Asking("test_elicitation_sep1034_defaults", "Asks the user with defaults.", call =>
            AskOnce(call, "Elicitation completed: ", "Please check", Schemas.Defaults)),
        Asking("test_elicitation_sep1330_enums", "Asks the user to choose.", call =>
            AskOnce(call, "Elicitation completed: ", "Please choose", Schemas.Choices)),
        Asking("test_streaming_elicitation", "Asks the user.", call => AskOnce(call, "", "Please answer", Schemas.Person)),
    ];

    private static IEnumerable<AIFunction> Headers() =>
    [
        new FixtureTool(
            "test_header_parameter",
            "Has an argument that a header repeats.",
            """{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}},"required":["region"]}""",
            (given, _, _) => new(Text(given, "region"))),
    ];

    public static FixtureTool Needing(this FixtureTool tool, Func<ClientCapabilities?, bool> has, ClientCapabilities required) =>
        new(tool.Name, tool.Description, NoArguments, async (given, call, stop) =>
            has(Request(call).JsonRpcRequest.Context?.ClientCapabilities ?? Request(call).Server.ClientCapabilities)
                ? await tool.InvokeAsync(given, stop)
                : throw new MissingRequiredClientCapabilityException(required, "the client must declare what the tool needs"));

    private static string AskOnce(McpCall call, string before, string message, string schema) => call.Response("answer") is { } answer
        ? $"{before}action={answer.GetProperty("action").GetString()}, content={(answer.TryGetProperty("content", out JsonElement content) ? content.GetRawText() : "{}")}"
        : throw Ask(call, ("answer", Form(message, schema)));

    private static async ValueTask<object?> LogAsync(McpCall call, CancellationToken stop, params string[] lines)
    {
        foreach (string line in lines)
        {
            var message = new JsonObject { ["level"] = "info", ["logger"] = "conformance", ["data"] = line };
            await Request(call).Server.SendNotificationAsync("notifications/message", message, McpJsonUtilities.DefaultOptions, stop);
            await Task.Delay(50, stop);
        }

        return "Messages were logged.";
    }

    private static CallToolResult Result(params ContentBlock[] blocks) => new() { Content = blocks };

    private static EmbeddedResourceBlock Resource(string uri, string type, string text) =>
        new() { Resource = new TextResourceContents { Uri = uri, MimeType = type, Text = text } };
}
