using System.Text.Json;
using AgentKit.Kernel.Runs;

namespace AgentKit.Tests.Memory;

/// <summary>Events of a run, one of each kind.</summary>
internal static class SomeRun
{
    public static readonly ToolCall Call = new("call_1", "add", JsonSerializer.SerializeToElement(new { a = 347, b = 518 }));

    public static AgentEvent.RunStarted Started(string task = "What is 347 plus 518?", string owner = "elsewhere/1/1") =>
        new("agent", "nano", task, "Use tools.", ["add"], owner);

    public static AgentEvent.ModelReplied Replied(int step = 1, params ToolCall[] calls) =>
        new(step, "Ich rechne: ½ × 2 = 1 ✓", "thinking", calls, "tool_calls", new TokenUsage(10, 4, 3), 12.5);

    public static AgentEvent.RunFinished Finished { get; } = new(RunStatus.Completed, "865", FinishReasons.Answered, null);

    /// <summary>A whole run with a tool that worked, one whose arguments were no JSON, and one that was refused.</summary>
    public static IReadOnlyList<AgentEvent> Events { get; } =
    [
        Started(),
        Replied(1, Call, new ToolCall("call_2", "add", null)),
        new AgentEvent.ToolStarted(2, Call, "0123456789abcdef"),
        new AgentEvent.ToolCompleted(3, new ToolCall("call_2", "add", null), null, "The arguments must be one JSON object.", 0),
        new AgentEvent.ToolCompleted(2, Call, "865", null, 1.25),
        Replied(4),
        Finished,
    ];
}
