using System.Text.Json;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;

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

    /// <summary>A run with an event of every kind, and with every member that schema 2 added.</summary>
    public static IReadOnlyList<AgentEvent> EveryKind { get; } =
    [
        Started() with
        {
            Settings = new Dictionary<string, string> { ["model"] = "nano" },
            Parent = new RunParent("20260102-030405-parent", 3),
            AnswerSchema = JsonElement.Parse("""{"type":"object"}"""),
        },
        new AgentEvent.SectionAdded("Facts", 1, "The demo is on Friday."),
        Replied(1, Call, new ToolCall("call_2", "send", JsonElement.Parse("{}"))),
        new AgentEvent.ToolStarted(2, Call, "0123456789abcdef", ToolReplay.Pure),
        new AgentEvent.ApprovalRequested(3, new ToolCall("call_2", "send", JsonElement.Parse("{}")), "https://one.example/mcp", SideEffect.NetworkWrite),
        new AgentEvent.ToolCompleted(2, Call, null, "The tool 'add' failed.", 1.25, ToolFault.Tool),
        new AgentEvent.RunWaiting(["call_2"], ["20260102-030405-other"]),
        new AgentEvent.ApprovalDecided(3, "call_2", true, ApprovalScope.Session, "fine"),
        new AgentEvent.RunResumed("elsewhere/2/2"),
        new AgentEvent.ToolStarted(3, new ToolCall("call_2", "send", JsonElement.Parse("{}")), "fedcba9876543210"),
        new AgentEvent.RunInterrupted(),
        new AgentEvent.RunResumed("elsewhere/3/3"),
        new AgentEvent.ToolOutcomeUnknown(3, new ToolCall("call_2", "send", JsonElement.Parse("{}")), "The tool cannot say."),
        new AgentEvent.ToolCompleted(3, new ToolCall("call_2", "send", JsonElement.Parse("{}")), "sent", null, 0),
        new AgentEvent.HandedOff(3, "other", "Be brief."),
        new AgentEvent.ContextCompacted(3, CompactionKind.Summary, 3, null, "It was sent.", null, 900, 300),
        Replied(4),
        new AgentEvent.AnswerRejected(4, "The answer must be JSON."),
        Finished,
    ];

    /// <summary>The same with the members that schema 3 added.</summary>
    public static IReadOnlyList<AgentEvent> EveryMember { get; } =
    [
        .. EveryKind.Select(e => e switch
        {
            AgentEvent.RunStarted start => start with { ToolTokens = new Dictionary<string, int> { ["add"] = 41 } },
            AgentEvent.ContextCompacted compacted => compacted with { ToolLimits = new Dictionary<string, int> { ["add"] = 100 } },
            _ => e,
        }),
    ];
}
