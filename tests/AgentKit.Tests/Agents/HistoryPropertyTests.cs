using AgentKit.Agents;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Agents;

/// <summary>
/// Random models, tools and cancellations; whatever happens, the model sees no call without its result and the journal is whole.
/// </summary>
public class HistoryPropertyTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 80)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Run_RandomScriptCancelledAnywhere_NeverShowsTheModelAnOrphan(int seed)
    {
        var random = new Random(seed);
        using var cancel = new CancellationTokenSource();
        int cancelAfter = random.Next(0, 40);
        int seen = 0;
        var model = new ScriptedModel(_ => RandomReply(random));
        string? instructions = seed % 2 == 0 ? "Work." : null;
        await using var agent = new Agent(
            model, new AgentOptions { Tools = Tools(random), MaxConsecutiveErrors = 4, MaxSteps = 8, Instructions = instructions });
        string id = agent.NewRunId();
        bool cancelled = false;
        try
        {
            await foreach (AgentEvent e in agent.RunStreamingAsync("task", id, cancel.Token))
            {
                if (++seen == cancelAfter) await cancel.CancelAsync();
            }
        }
        catch (OperationCanceledException)
        {
            cancelled = true;
        }

        List<JournalRecord> records = await agent.Journal.ReadAsync(id).ToListAsync();
        AgentEvent[] events = [.. records.Select(r => r.Event)];
        foreach (IReadOnlyList<ChatMessage> request in model.Requests) AssertWellFormed(request);
        for (int n = 1; n <= events.Length; n++) AssertWellFormed(ChatHistory.From(events[..n]));
        Assert.Equal(Enumerable.Range(1, records.Count).Select(i => (long)i), records.Select(r => r.Version));
        var end = Assert.IsType<AgentEvent.RunFinished>(events[^1]);
        Assert.Equal(cancelled, end.FinishReason is FinishReasons.Cancelled);
        AssertSteps(events, cancelled);
    }

    /// <summary>
    /// Every call is followed by exactly one result of its own, before anything else is said, and no result comes without a call.
    /// </summary>
    private static void AssertWellFormed(IEnumerable<ChatMessage> messages)
    {
        var open = new Queue<string>();
        var all = new HashSet<string>();
        foreach (ChatMessage message in messages)
        {
            if (message.Role == ChatRole.Tool)
            {
                foreach (FunctionResultContent result in message.Contents.Cast<FunctionResultContent>())
                    Assert.Equal(open.Dequeue(), result.CallId);
                continue;
            }

            Assert.Empty(open);
            foreach (FunctionCallContent call in message.Contents.OfType<FunctionCallContent>())
            {
                Assert.True(all.Add(call.CallId), $"call id {call.CallId} twice");
                open.Enqueue(call.CallId);
            }
        }

        Assert.Empty(open);
    }

    private static void AssertSteps(AgentEvent[] events, bool cancelled)
    {
        int[] done = [.. events.Where(e => e is AgentEvent.ModelReplied or AgentEvent.ToolCompleted).Select(e => e.Step)];
        Assert.Equal(done.Distinct().Count(), done.Length);
        int[] started = [.. events.OfType<AgentEvent.ToolStarted>().Select(e => e.Step)];
        if (!cancelled) Assert.Empty(started.Except(done));
        string[] keys = [.. events.OfType<AgentEvent.ToolStarted>().Select(e => e.Key)];
        Assert.Equal(keys.Distinct().Count(), keys.Length);
    }

    private static ScriptedReply RandomReply(Random random)
    {
        lock (random)
        {
            if (random.Next(12) == 0) return ScriptedReply.Text("the ", "answer");
            if (random.Next(25) == 0) return ScriptedReply.Fail(new IOException("model failure"));
            var contents = new List<AIContent>();
            if (random.Next(3) == 0) contents.Add(new TextContent("thinking aloud"));
            string[] names = ["ok", "ok", "yields", "crashes", "refuses", "unknown", "waits"];
            int calls = random.Next(1, 4);
            for (int i = 0; i < calls; i++)
            {
                string id = random.Next(2) == 0 ? "" : $"id{random.Next(3)}";
                object? arguments = random.Next(5) == 0 ? new { wrong = 1 } : null;
                FunctionCallContent call = ScriptedReply.Function(names[random.Next(names.Length)], arguments, id);
                if (random.Next(10) == 0) call.Exception = new FormatException();
                contents.Add(call);
            }

            return new ScriptedReply(contents);
        }
    }

    private static AIFunction[] Tools(Random random)
    {
        int yields = random.Next(1, 20);
        return
        [
            AIFunctionFactory.Create(() => "fine", "ok", "Works."),
            AIFunctionFactory.Create(
                async () =>
                {
                    for (int i = 0; i < yields; i++) await Task.Yield();
                    return 1;
                },
                "yields", "Takes a while."),
            AIFunctionFactory.Create(string () => throw new InvalidDataException(), "crashes", "Crashes."),
            AIFunctionFactory.Create(string () => throw new ToolException("no"), "refuses", "Refuses."),
            AIFunctionFactory.Create(
                async (CancellationToken stop) =>
                {
                    for (int i = 0; i < 200 && !stop.IsCancellationRequested; i++) await Task.Yield();
                    stop.ThrowIfCancellationRequested();
                },
                "waits", "Takes long and can be cancelled."),
        ];
    }
}
