using AgentKit.Agents;
using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Memory;
using AgentKit.Memory.Facts;
using AgentKit.Memory.Stores.InMemory;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Memory.Facts;

public sealed class FactConsolidationTests : IAsyncLifetime
{
    private static readonly MemoryScope Scope = MemoryScope.Local("facts");

    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryVectorStore _store = new();
    private InMemoryJournal _journal = null!;
    private FactStore _facts = null!;

    public async Task InitializeAsync()
    {
        _journal = new InMemoryJournal(_time);
        _facts = await FactStore.OpenAsync(_store, new FactOptions { TimeProvider = _time });
    }

    public async Task DisposeAsync()
    {
        _facts.Dispose();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Agent_WithTheTools_RemembersAndRecalls()
    {
        string runId = "";
        await using Agent agent = NewAgent(
            () => runId,
            ScriptedReply.Call("remember", new { text = "The door code is 4711." }), ScriptedReply.Call("recall", new { query = "door code" }),
            ScriptedReply.Text("It is 4711."));
        runId = agent.NewRunId();
        List<AgentEvent> events = await agent.RunStreamingAsync("Note the door code.", runId).ToListAsync();

        string[] results = [.. events.OfType<AgentEvent.ToolCompleted>().Select(done => done.Result!)];
        Assert.Equal(["Stored.", "The door code is 4711."], results);
        Assert.Equal(runId, Assert.Single(await _facts.ListAsync(Scope)).Origin!.RunId);
    }

    [Fact]
    public async Task Consolidate_AfterTheToolHasStored_ChangesNothing()
    {
        string runId = await RunAsync();
        var consolidation = new FactConsolidation(_facts, _journal);
        Assert.Equal(0, await consolidation.ConsolidateAsync(new ConsolidateRun(Scope, runId)));
        Assert.Single(await _facts.ListAsync(Scope, history: true));
    }

    [Fact]
    public async Task Consolidate_IntoAnEmptyMemory_BringsFactsBackWithTheirTimes()
    {
        string runId = await RunAsync();
        Fact before = Assert.Single(await _facts.ListAsync(Scope));
        await using var empty = new InMemoryVectorStore();
        using FactStore facts = await FactStore.OpenAsync(empty, new FactOptions { TimeProvider = _time });
        await using var actors = new ActorSystem(new ActorSystemOptions { TimeProvider = _time });
        actors.Register(FactConsolidation.Kind, _ => new FactConsolidation(facts, _journal));
        var id = new ActorId(FactConsolidation.Kind, "local");

        Assert.Equal(1, await actors.AskAsync<int>(id, new ConsolidateRun(Scope, runId)));
        Assert.Equal(0, await actors.AskAsync<int>(id, new ConsolidateRun(Scope, runId)));
        Assert.Equal((before.Id, before.Text), (Assert.Single(await facts.ListAsync(Scope)) is var after ? (after.Id, after.Text) : default));
    }

    [Fact]
    public async Task Consolidate_AfterForgetting_DoesNotBringItBack()
    {
        string runId = await RunAsync();
        await _facts.ForgetAsync(Scope, (await _facts.ListAsync(Scope)).Select(fact => fact.Id));
        Assert.Equal(0, await new FactConsolidation(_facts, _journal).ConsolidateAsync(new ConsolidateRun(Scope, runId)));
        Assert.Empty(await _facts.ListAsync(Scope, history: true));
    }

    [Fact]
    public async Task Consolidate_WithAnExtractor_AsksItOnce()
    {
        int asked = 0;
        using FactStore facts = await FactStore.OpenAsync(_store, new FactOptions
        {
            TimeProvider = _time,
            Extractor = (task, answer, _) =>
            {
                asked++;
                return ValueTask.FromResult<IReadOnlyList<string>>([$"The user asked: {task}", $"The answer was: {answer}"]);
            },
        });
        string runId = await RunAsync();
        var consolidation = new FactConsolidation(facts, _journal);
        Assert.Equal(2, await consolidation.ConsolidateAsync(new ConsolidateRun(Scope, runId)));
        Assert.Equal(0, await consolidation.ConsolidateAsync(new ConsolidateRun(Scope, runId)));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Consolidate_WithAnExtractorThatSaysWhatWasForgotten_DoesNotBringItBack()
    {
        using FactStore facts = await FactStore.OpenAsync(_store, new FactOptions
        {
            TimeProvider = _time,
            Extractor = (_, _, _) => ValueTask.FromResult<IReadOnlyList<string>>(["the door code is 4711"]),
        });
        string runId = await RunAsync();
        await facts.ForgetAsync(Scope, (await facts.ListAsync(Scope)).Select(fact => fact.Id));
        Assert.Equal(0, await new FactConsolidation(facts, _journal).ConsolidateAsync(new ConsolidateRun(Scope, runId)));
        Assert.Empty(await facts.ListAsync(Scope, history: true));
        _time.Advance(TimeSpan.FromMinutes(1));
        string later = await RunAsync();
        Assert.Equal(0, await new FactConsolidation(facts, _journal).ConsolidateAsync(new ConsolidateRun(Scope, later)));
        Assert.Single(await facts.ListAsync(Scope, history: true));
    }

    [Fact]
    public async Task Forget_Tool_WantsTheTextOfAFact()
    {
        await _facts.RememberAsync(Scope, "The door code is 4711.");
        AIFunction forget = FactTools.Create(_facts, Scope)[2];
        Assert.Equal("forget", forget.Name);
        string near = (string)(await forget.InvokeAsync(new AIFunctionArguments { ["text"] = "door code" }))!;
        Assert.Equal("No stored fact says exactly this. Give the text of one of these: The door code is 4711.", near);
        Assert.StartsWith("Forgotten. Receipt ", (string)(await forget.InvokeAsync(new AIFunctionArguments { ["text"] = "the door code is 4711" }))!, StringComparison.Ordinal);
        Assert.Empty(await _facts.ListAsync(Scope, history: true));
    }

    [Fact]
    public void Tools_HaveTheNamesAndTextsTheModelKnows() => Assert.Equal(
        [("remember", "Store a fact for later.", "text"), ("recall", "Look up stored facts.", "query"), ("forget", "Delete a stored fact.", "text")],
        FactTools.Create(_facts, Scope).Select(tool => (tool.Name, tool.Description, tool.JsonSchema.GetProperty("required")[0].GetString()!)));

    private async Task<string> RunAsync()
    {
        string runId = "";
        await using Agent agent = NewAgent(() => runId, ScriptedReply.Call("remember", new { text = "The door code is 4711." }), ScriptedReply.Text("Noted."));
        runId = agent.NewRunId();
        await agent.RunStreamingAsync("Note the door code.", runId).ToListAsync();
        return runId;
    }

    private Agent NewAgent(Func<string?> runId, params ScriptedReply[] replies) => new(new ScriptedModel(replies), new AgentOptions
    {
        Tools = FactTools.Create(_facts, Scope, runId), Journal = _journal, TimeProvider = _time, Policy = ToolPolicy.AllowAll,
    });
}
