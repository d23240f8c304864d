using AgentKit.Agents;
using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;
using static AgentKit.Tests.Support.ScriptedReply;

namespace AgentKit.Tests.Agents;

public class AgentTests
{
    private static readonly AIFunction Add = AIFunctionFactory.Create((int a, int b) => a + b, "add", "Adds two numbers.");

    [Fact]
    public async Task RunAsync_ToolCallThenText_AnswersWithTheResultInTheHistory()
    {
        var model = new ScriptedModel(Call("add", new { a = 347, b = 518 }), Text("It is ", "865."));
        await using var agent = new Agent(model, new AgentOptions { Tools = [Add], Instructions = "Use tools." });

        AgentResult result = await agent.RunAsync("What is 347 plus 518?");

        Assert.Equal((RunStatus.Completed, "It is 865.", FinishReasons.Answered), (result.Status, result.Answer, result.FinishReason));
        Assert.Equal("It is 865.", result.ToString());
        Assert.Equal(new TokenUsage(20, 8, 6), result.Usage);
        Assert.Equal([RunStepKind.Model, RunStepKind.Tool, RunStepKind.Model], result.Run.Steps.Select(s => s.Kind));
        Assert.Equal([1, 2, 3], result.Run.Steps.Select(s => s.N));
        Assert.Equal("865", result.Run.Steps[1].Result);

        IReadOnlyList<ChatMessage> second = model.Requests[1];
        Assert.Equal([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool], second.Select(m => m.Role));
        var call = Assert.IsType<FunctionCallContent>(Assert.Single(second[2].Contents));
        var answer = Assert.IsType<FunctionResultContent>(Assert.Single(second[3].Contents));
        Assert.Equal((call.CallId, (object?)"865"), (answer.CallId, answer.Result));
    }

    [Fact]
    public async Task RunAsync_ChatOptions_ReachTheModelWithTheTools()
    {
        var model = new ScriptedModel(Text("hi"));
        var options = new ChatOptions { Temperature = 0.5f };
        await using var agent = new Agent(model, new AgentOptions { Tools = [Add], ChatOptions = options });
        await agent.RunAsync("hello");
        Assert.Equal(0.5f, model.Options[0]?.Temperature);
        Assert.Same(Add, Assert.Single(model.Options[0]!.Tools!));
        Assert.Null(options.Tools);
    }

    [Fact]
    public async Task RunAsync_ReasoningAndTextBesideACall_StayInTheHistory()
    {
        var model = new ScriptedModel(
            new ScriptedReply(new TextReasoningContent("hm"), new TextContent("Let me see."), Function("add", new { a = 1, b = 2 }, "x")),
            Text("3"));
        await using var agent = new Agent(model, new AgentOptions { Tools = [Add] });
        await agent.RunAsync("1 + 2?");
        Assert.Equal(
            [typeof(TextReasoningContent), typeof(TextContent), typeof(FunctionCallContent)],
            model.Requests[1][1].Contents.Select(c => c.GetType()));
    }

    [Fact]
    public void Constructor_TwoToolsWithOneName_IsRefused()
    {
        var error = Assert.Throws<UserInputException>(() => new Agent(new ScriptedModel(), new AgentOptions { Tools = [Add, Add] }));
        Assert.Contains("'add'", error.Message);
    }

    [Fact]
    public async Task RunAsync_EmptyTask_IsRefused()
    {
        await using var agent = new Agent(new ScriptedModel());
        Assert.Equal("task", (await Assert.ThrowsAsync<UserInputException>(() => agent.RunAsync(" "))).Field);
    }

    [Fact]
    public async Task RunAsync_SameRunIdTwice_IsAConflict()
    {
        await using var agent = new Agent(new ScriptedModel(_ => Text("hi")));
        string id = agent.NewRunId();
        Assert.Equal(id, (await agent.RunAsync("one", id)).RunId);
        await Assert.ThrowsAsync<JournalConflictException>(() => agent.RunAsync("two", id));
        Assert.Equal("one", (await RunView.LoadAsync(agent.Journal, id))?.Task);
    }

    [Fact]
    public async Task RunAsync_ManyAtOnce_EachIsARunOfItsOwn()
    {
        var allAsked = new TaskCompletionSource();
        int asked = 0;
        var model = new ScriptedModel(messages =>
        {
            if (Interlocked.Increment(ref asked) == 20) allAsked.SetResult();
            return Text(messages[0].Text.ToUpperInvariant()) with { Gate = allAsked.Task };
        });
        await using var agent = new Agent(model, new AgentOptions { Seed = 7 });
        AgentResult[] results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => agent.RunAsync($"task {i}")));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"TASK {i}"), results.Select(r => r.Answer));
        Assert.Equal(20, await agent.Journal.ListAsync().CountAsync());
    }

    [Fact]
    public async Task RunAsync_TwoAgentsInOneActorSystem_BothWork()
    {
        await using var actors = new ActorSystem();
        await using var one = new Agent(new ScriptedModel(Text("one")), new AgentOptions { ActorSystem = actors });
        await using (var two = new Agent(new ScriptedModel(Text("two")), new AgentOptions { ActorSystem = actors }))
            Assert.Equal("two", (await two.RunAsync("?")).Answer);
        Assert.Equal("one", (await one.RunAsync("?")).Answer);
    }

    [Fact]
    public async Task DisposeAsync_RunInWork_IsLetGoOf()
    {
        var journal = new InMemoryJournal();
        var asked = new TaskCompletionSource();
        var model = new ScriptedModel(_ =>
        {
            asked.SetResult();
            return Text("late") with { Gate = new TaskCompletionSource().Task };
        });
        var agent = new Agent(model, new AgentOptions { Journal = journal });
        Task<AgentResult> run = agent.RunAsync("wait");
        await asked.Task;

        await agent.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        RunSummary summary = Assert.Single(await journal.ListAsync().ToListAsync());
        Assert.Equal(RunStatus.Interrupted, summary.Status);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => agent.RunAsync("more"));
    }

    [Fact]
    public async Task DisposeAsync_ToolInWork_MayFinishAndItsResultIsRecorded()
    {
        var journal = new InMemoryJournal();
        var started = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        AIFunction slow = AIFunctionFactory.Create(
            async () => { started.SetResult(); await finish.Task; return "done"; }, "slow", "Takes a while.");
        var model = new ScriptedModel(Call("slow"), Text("late") with { Gate = new TaskCompletionSource().Task });
        var agent = new Agent(model, new AgentOptions { Journal = journal, Tools = [slow] });
        Task<AgentResult> run = agent.RunAsync("work", "r");
        await started.Task;
        Task disposal = agent.DisposeAsync().AsTask();
        finish.SetResult();
        await disposal;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        RunView view = (await RunView.LoadAsync(journal, "r"))!;
        Assert.Equal((RunStatus.Interrupted, "done"), (view.Status, view.Steps[1].Result));
    }

    [Fact]
    public async Task DisposeAsync_ToolThatDoesNotFinish_IsCancelledAfterTheTimeout()
    {
        var time = new FakeTimeProvider();
        var started = new TaskCompletionSource();
        AIFunction endless = AIFunctionFactory.Create(
            async (CancellationToken stop) => { started.SetResult(); await Task.Delay(Timeout.InfiniteTimeSpan, stop); }, "endless", "Never ends.");
        var agent = new Agent(new ScriptedModel(Call("endless")), new AgentOptions { Tools = [endless], TimeProvider = time });
        Task<AgentResult> run = agent.RunAsync("work", "r");
        await started.Task;
        Task disposal = agent.DisposeAsync().AsTask();
        Assert.False(run.IsCompleted);
        await time.TimerSetAsync();
        time.Advance(TimeSpan.FromSeconds(30));
        await disposal;
        Assert.True((await RunView.LoadAsync(agent.Journal, "r"))?.Steps[1].OutcomeUnknown);
    }

    [Fact]
    public async Task RunStreamingAsync_WholeRun_ShowsEventsInOrder()
    {
        var model = new ScriptedModel(Call("add", new { a = 1, b = 2 }), Text("Thr", "ee"));
        await using var agent = new Agent(model, new AgentOptions { Tools = [Add] });
        List<AgentEvent> events = await agent.RunStreamingAsync("1 + 2?").ToListAsync();
        Assert.Equal(
            [
                nameof(AgentEvent.RunStarted), nameof(AgentEvent.ModelReplied),
                nameof(AgentEvent.ToolStarted), nameof(AgentEvent.ToolCompleted),
                nameof(AgentEvent.TextDelta), nameof(AgentEvent.TextDelta), nameof(AgentEvent.ModelReplied), nameof(AgentEvent.RunFinished),
            ],
            events.Select(e => e.GetType().Name));
        Assert.Equal("Three", string.Concat(events.OfType<AgentEvent.TextDelta>().Select(d => d.Text)));
    }

    [Fact]
    public async Task RunStreamingAsync_ConsumerLeaves_RunIsCancelled()
    {
        await using var agent = new Agent(new ScriptedModel(Text("never") with { Gate = new TaskCompletionSource().Task }));
        string id = agent.NewRunId();
        await foreach (AgentEvent e in agent.RunStreamingAsync("wait", id)) break;
        Assert.Equal(FinishReasons.Cancelled, (await RunView.LoadAsync(agent.Journal, id))?.FinishReason);
    }

    [Fact]
    public async Task RunStreamingAsync_ModelRefusesTheInput_ThrowsAfterTheEvents()
    {
        await using var agent = new Agent(new ScriptedModel(Fail(new UserInputException("task", "too long"))));
        var events = new List<AgentEvent>();
        await Assert.ThrowsAsync<UserInputException>(async () =>
        {
            await foreach (AgentEvent e in agent.RunStreamingAsync("hello")) events.Add(e);
        });
        Assert.Equal("too long", Assert.IsType<AgentEvent.RunFinished>(events[^1]).Error);
    }
}
