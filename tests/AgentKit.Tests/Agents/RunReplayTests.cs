using AgentKit.Agents;
using AgentKit.Kernel.Runs;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;
using static AgentKit.Tests.Support.ScriptedReply;

namespace AgentKit.Tests.Agents;

public class RunReplayTests
{
    private readonly InMemoryJournal _journal = new();
    private int _calls;

    [Fact]
    public async Task Replay_WholeRun_GoesTheSameWayAndRunsNothing()
    {
        FunctionCallContent broken = Function("add");
        broken.Exception = new FormatException();
        List<JournalRecord> records = await RecordAsync(
            Calls(("add", new { a = 1, b = 2 }), ("nothing", null)), new ScriptedReply(broken), Call("add", new { a = 3, b = 4 }), Text("7"));
        Assert.Equal(2, _calls);

        List<AgentEvent> shown = [];
        RunDiff diff = await RunReplay.RunAsync(records, shown.Add);

        Assert.Null(diff.FirstDifference);
        Assert.Equal(8, diff.Steps.Count);
        Assert.Equal(2, _calls);
        Assert.Equal("7", shown.OfType<AgentEvent.RunFinished>().Single().Answer);
        Assert.Single(await _journal.ListAsync().ToListAsync());
    }

    [Fact]
    public async Task Replay_RunThatReachedALimit_EndsWhereTheRecordEnds()
    {
        List<JournalRecord> records = await RecordAsync(Call("add", new { a = 1, b = 1 }), Call("nothing"), Call("nothing"), Call("nothing"));
        RunDiff diff = await RunReplay.RunAsync(records);
        Assert.Null(diff.FirstDifference);
    }

    [Fact]
    public async Task Replay_RecordThatCannotHaveHappened_SaysWhereItParts()
    {
        List<JournalRecord> records = await RecordAsync(Call("add", new { a = 1, b = 2 }), Text("3"));
        // An answer in the middle of a run: the loop would have ended there.
        int first = records.FindIndex(r => r.Event is AgentEvent.ModelReplied);
        records[first] = records[first] with { Event = (AgentEvent.ModelReplied)records[first].Event with { Text = "3", Calls = [] } };
        RunDiff diff = await RunReplay.RunAsync(records);
        Assert.Equal(2, diff.FirstDifference);
    }

    [Fact]
    public async Task ContextOf_ModelStep_IsWhatTheModelWasShown()
    {
        var model = new ScriptedModel(Call("add", new { a = 1, b = 2 }), Text("3"));
        List<JournalRecord> records = await RecordAsync(model);
        IReadOnlyList<ChatMessage> context = RunReplay.ContextOf(records, 3)!;
        Assert.Equal(model.Requests[1].Select(m => m.Role), context.Select(m => m.Role));
        Assert.Equal(model.Requests[1].Select(Texts), context.Select(Texts));
        Assert.Null(RunReplay.ContextOf(records, 2));

        static string Texts(ChatMessage message) =>
            string.Concat(message.Contents.Select(c => c is FunctionResultContent result ? $"{result.Result}" : c.ToString()));
    }

    private Task<List<JournalRecord>> RecordAsync(params ScriptedReply[] script) => RecordAsync(new ScriptedModel(script));

    private async Task<List<JournalRecord>> RecordAsync(ScriptedModel model)
    {
        AIFunction add = AIFunctionFactory.Create((int a, int b) => a + b + (Interlocked.Increment(ref _calls) * 0), "add", "Adds.");
        await using var agent = new Agent(model, new AgentOptions { Tools = [add], Journal = _journal });
        AgentResult result = await agent.RunAsync("go");
        return await _journal.ReadAsync(result.RunId).ToListAsync();
    }
}
