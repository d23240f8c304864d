using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using static AgentKit.McpConformanceHost.FixtureTool;

namespace AgentKit.McpConformanceHost;

/// <summary>Tools that run as tasks, and one that does not.</summary>
internal static class TaskTools
{
    public static IEnumerable<AIFunction> Create(BackgroundTasks tasks)
    {
        var asTask = new McpToolInfo { Tasks = tasks };
        return
        [
            new FixtureTool("greet", "Greets.", """{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}""", (given, _, _) => new($"Hello, {Text(given, "name")}!")),
            asTask.Apply(new FixtureTool(
                "slow_compute",
                "Takes a while.",
                """{"type":"object","properties":{"seconds":{"type":"number"},"label":{"type":"string"}},"required":["seconds"]}""",
                async (given, call, stop) =>
                {
                    double seconds = ((JsonElement)given["seconds"]!).GetDouble();
                    await call.ReportAsync(0, seconds, "computing");
                    await Task.Delay(TimeSpan.FromSeconds(seconds), stop);
                    return $"Computed for {seconds} s.";
                })),
            (asTask with { NeedsTasks = true }).Apply(new FixtureTool("failing_job", "Fails after a while.", NoArguments, async (_, _, stop) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(1), stop);
                throw new ToolException("the job failed");
            })),
            asTask.Apply(Simple("protocol_error_job", "Fails in the protocol.", () => throw new McpProtocolException("the job broke down", McpErrorCode.InternalError))),
            asTask.Apply(new FixtureTool(
                "confirm_delete",
                "Asks before it deletes.",
                """{"type":"object","properties":{"filename":{"type":"string"}},"required":["filename"]}""",
                (given, call, _) => call.AnswerTo("confirm") is { } answer
                    ? new(answer.Accepted ? "Deleted." : "Kept.")
                    : throw Ask(call, ("confirm", Field($"Delete {Text(given, "filename")}?", "confirm", "boolean"))))),
            (asTask with { NeedsTasks = true, BeforeTask = NameIsKnown }).Apply(Asking("test_tool_with_task", "Asks first, then takes a while.", call =>
                $"Worked for {call.AnswerTo("user_name")!.Content.GetProperty("name").GetString()}.")),
            asTask.Apply(Asking("multi_input", "Asks two things at once.", call => call.AnswerTo("first") is not null && call.AnswerTo("second") is not null
                ? "Both answered."
                : throw Ask(call, ("first", Field("First?", "name")), ("second", Field("Second?", "name"))))),
        ];
    }

    private static void NameIsKnown(McpCall call)
    {
        if (call.AnswerTo("user_name") is not { Accepted: true }) throw Ask(call, ("user_name", Field("What is your name?", "name")));
    }
}
