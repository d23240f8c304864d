using AgentKit.Agents;
using AgentKit.Kernel;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;
using static AgentKit.Tests.Support.ScriptedReply;

namespace AgentKit.Tests.Agents;

/// <summary>Contexts held to a budget. The counter counts characters, so that every number can be checked by hand.</summary>
public class ContextTests
{
    private readonly InMemoryJournal _journal = new();
    private readonly List<(int Tokens, IReadOnlyList<ChatMessage> Messages)> _shown = [];

    public static TheoryData<CompactionKind[]> Policies => new()
    {
        new[] { CompactionKind.Window },
        new[] { CompactionKind.DroppedResults },
        new[] { CompactionKind.CappedResults, CompactionKind.DroppedResults, CompactionKind.Window },
        new[] { CompactionKind.Summary },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Context_LongerThanTheBudget_IsShortenedByThePolicyAndStaysWithin(CompactionKind[] policy)
    {
        AgentResult result = await RunAsync(new ContextOptions { MaxTokens = 1200, Compaction = policy, ResultCap = 100, KeepRounds = 1 });
        Assert.Equal("done", result.Answer);
        Assert.All(_shown, shown => Assert.InRange(shown.Tokens, 1, 1200));
        Assert.NotEmpty(result.Run.Compactions);
        Assert.All(result.Run.Compactions, c => Assert.True(c.TokensAfter < c.TokensBefore));
        Assert.Equal(new string('x', 300), result.Run.Steps[1].Result);
    }

    [Fact]
    public async Task Capped_Result_SaysHowMuchIsMissing()
    {
        await RunAsync(new ContextOptions { MaxTokens = 1200, Compaction = [CompactionKind.CappedResults], ResultCap = 100 });
        string result = $"{_shown[^1].Messages.First(m => m.Role == ChatRole.Tool).Contents.OfType<FunctionResultContent>().Single().Result}";
        Assert.Equal($"{new string('x', 100)}\n[… 200 of 300 characters are left out here]", result);
    }

    [Fact]
    public async Task Capped_ResultOfAToolWithItsOwnCap_IsCappedThere()
    {
        var caps = new Dictionary<string, int> { ["read"] = 60, ["other"] = 20 };
        AgentResult run = await RunAsync(new ContextOptions
        {
            MaxTokens = 1200, Compaction = [CompactionKind.CappedResults], ResultCap = 250, ToolResultCaps = caps,
        });
        string result = $"{_shown[^1].Messages.First(m => m.Role == ChatRole.Tool).Contents.OfType<FunctionResultContent>().Single().Result}";
        Assert.Equal($"{new string('x', 60)}\n[… 240 of 300 characters are left out here]", result);
        Assert.Equal(caps, run.Run.Compactions[^1].ToolLimits);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ContextOptions { ToolResultCaps = new Dictionary<string, int> { ["read"] = 1 } });
    }

    [Fact]
    public async Task ToolTokens_ModelThatCounts_AreRecordedWithTheRun()
    {
        AgentResult run = await RunAsync(new ContextOptions());
        Assert.Equal(new Dictionary<string, int> { ["read"] = 4 }, run.Run.ToolTokens);
        AIFunction[] tools = [.. new[] { "a", "bb", "ccc" }.Select(name => AIFunctionFactory.Create(() => "", name))];
        Assert.Equal([1, 2, 3], ToolTokens.Count(new Counter(), tools).Values);
        Assert.Equal((6, 0), (ToolTokens.Total(new Counter(), tools), ToolTokens.Total(new Counter(), [])));
    }

    [Fact]
    public async Task Window_Steps_AreNamedInTheTaskMessage()
    {
        AgentResult result = await RunAsync(new ContextOptions { MaxTokens = 1200, Compaction = [CompactionKind.Window], KeepRounds = 1 });
        int through = result.Run.Compactions[^1].Through;
        Assert.Equal($"task\n\n[Steps up to {through} are left out here.]", _shown[^1].Messages.Single(m => m.Role == ChatRole.User).Text);
    }

    [Fact]
    public async Task Context_ThatNothingMakesShortEnough_EndsTheRunWithTheNumbers()
    {
        AgentResult result = await RunAsync(new ContextOptions { MaxTokens = 500, Compaction = [CompactionKind.Window], KeepRounds = 5 });
        Assert.Equal(FinishReasons.ContextLimit, result.FinishReason);
        Assert.Contains("500 are allowed", result.Error);
    }

    [Fact]
    public async Task Sections_StandByPriorityAndTheLeastGoFirst()
    {
        ContextSection[] sections =
        [
            new("Chatter", -1, (_, _) => ValueTask.FromResult<string?>(new string('c', 400))),
            new("Memory", 2, (task, _) => ValueTask.FromResult<string?>($"about {task}")),
            new("Nothing", 5, (_, _) => ValueTask.FromResult<string?>(null)),
        ];
        AgentResult result = await RunAsync(new ContextOptions { MaxTokens = 1700, Sections = sections });
        Assert.StartsWith("Work.\n\n# Memory\nabout task\n\n# Chatter\nccc", _shown[0].Messages[0].Text);
        Assert.Equal("Work.\n\n# Memory\nabout task", _shown[^1].Messages[0].Text);
        Assert.Equal(("Chatter", CompactionKind.Section), (result.Run.Compactions[0].Section, result.Run.Compactions[0].Kind));
    }

    [Fact]
    public async Task History_RebuiltFromTheJournal_IsWhatTheModelWasShown()
    {
        AgentResult result = await RunAsync(new ContextOptions { MaxTokens = 1200, ResultCap = 50, KeepRounds = 1 });
        List<JournalRecord> records = await _journal.ReadAsync(result.RunId).ToListAsync();
        int last = result.Run.Steps[^1].N;
        Assert.Equal(Counter.Length(_shown[^1].Messages), Counter.Length(RunReplay.ContextOf(records, last)!));
    }

    private async Task<AgentResult> RunAsync(ContextOptions context)
    {
        int n = 0;
        AIFunction read = AIFunctionFactory.Create((int page) => new string((char)('x' + page), 300), "read", "Reads.");
        var model = new ScriptedModel(messages =>
        {
            if (messages[^1].Text.StartsWith("Summarize", StringComparison.Ordinal)) return Text("Pages were read.");
            _shown.Add((Counter.Length(messages), messages));
            return n < 5 ? Call("read", new { page = n++ % 3 }) : Text("done");
        });
        await using var agent = new Agent(model, new AgentOptions
        {
            Tools = [read], Instructions = "Work.", Journal = _journal, Context = context with { Counter = new Counter() },
        });
        return await agent.RunAsync("task");
    }

    private sealed class Counter : ITokenCounter
    {
        public int ContextLength => 4000;

        public int CountTokens(IEnumerable<ChatMessage> messages, ChatOptions? options = null) =>
            Length(messages) + (options?.Tools?.Sum(tool => tool.Name.Length) ?? 0);

        public static int Length(IEnumerable<ChatMessage> messages) => messages.Sum(message => message.Contents.Sum(content => content switch
        {
            TextContent text => text.Text.Length,
            FunctionCallContent call => call.Name.Length,
            FunctionResultContent result => $"{result.Result}".Length,
            _ => 0,
        }));
    }
}
