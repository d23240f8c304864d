using System.ComponentModel;
using AgentKit.Agents;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;
using static AgentKit.Tests.Support.ScriptedReply;

namespace AgentKit.Tests.Agents;

public class AgentLoopTests
{
    private static readonly AIFunction Add = AIFunctionFactory.Create((int a, int b) => a + b, "add", "Adds two numbers.");
    private static readonly AIFunction Crash = AIFunctionFactory.Create(() => Throw("password=hunter2"), "crash", "Crashes.");
    private static readonly AIFunction Refuse = AIFunctionFactory.Create(
        string () => throw new ToolException("The file is not there."), "refuse", "Refuses.");

    [Fact]
    public async Task UnknownTool_ModelIsToldWhichThereAre()
    {
        var model = new ScriptedModel(Call("subtract", new { a = 1 }), Text("sorry"));
        AgentResult result = await RunAsync(model, [Add, Crash]);
        Assert.Equal(RunStatus.Completed, result.Status);
        Assert.Equal("There is no tool named 'subtract'. Available tools: add, crash.", result.Run.Steps[1].Error);
        Assert.Equal($"Error: {result.Run.Steps[1].Error}", LastResult(model));
    }

    [Fact]
    public async Task ArgumentsNotJson_ModelIsToldWhatIsExpected()
    {
        FunctionCallContent call = Function("add");
        call.Exception = new FormatException("not JSON");
        var model = new ScriptedModel(new ScriptedReply(call), Text("sorry"));
        AgentResult result = await RunAsync(model, [Add]);
        Assert.StartsWith("The arguments of 'add' are not a JSON object. Its schema: {", result.Run.Steps[1].Error);
        Assert.Null(result.Run.Steps[1].Arguments);
    }

    [Fact]
    public async Task ToolException_ItsMessageReachesTheModel()
    {
        var model = new ScriptedModel(Call("refuse"), Text("sorry"));
        await RunAsync(model, [Refuse]);
        Assert.Equal("Error: The file is not there.", LastResult(model));
    }

    [Fact]
    public async Task ToolCrash_ModelLearnsOnlyTheNameAndTheLogTheRest()
    {
        var logger = new ListLogger();
        var model = new ScriptedModel(Call("crash"), Text("sorry"));
        AgentResult result = await RunAsync(model, [Crash], o => o with { Logger = logger });
        Assert.Equal(RunStatus.Completed, result.Status);
        Assert.Equal("Error: The tool 'crash' failed.", LastResult(model));
        Assert.Contains(logger.Entries, entry => entry.Error?.Message == "password=hunter2");
    }

    [Fact]
    public async Task ErrorsInARow_ReachTheLimit_EndTheRun()
    {
        var model = new ScriptedModel(Call("crash"), Call("nothing"), Call("add", new { a = 1 }), Text("never"));
        AgentResult result = await RunAsync(model, [Add, Crash]);
        Assert.Equal((RunStatus.Failed, FinishReasons.ErrorLimit), (result.Status, result.FinishReason));
        Assert.Equal(3, model.Requests.Count);
        Assert.Equal(6, result.Run.Steps.Count);
    }

    [Fact]
    public async Task Errors_WithSomethingUsableBetween_StartCountingAnew()
    {
        var model = new ScriptedModel(
            Call("crash"), Call("crash"), Calls(("crash", null), ("add", new { a = 1, b = 2 })),
            Call("crash"), Call("refuse"), Call("crash"), Text("ok"));
        Assert.Equal("ok", (await RunAsync(model, [Add, Crash, Refuse])).Answer);
    }

    [Fact]
    public async Task StepLimit_LastReplyMayNotCallTools()
    {
        int ran = 0;
        AIFunction count = AIFunctionFactory.Create(() => ++ran, "count", "Counts.");
        AgentResult result = await RunAsync(new ScriptedModel(_ => Call("count")), [count], o => o with { MaxSteps = 3 });
        Assert.Equal((RunStatus.Failed, FinishReasons.StepLimit), (result.Status, result.FinishReason));
        Assert.Equal(2, ran);
        Assert.Equal(5, result.Run.Steps.Count);
    }

    [Fact]
    public async Task ModelFails_RunFailsAndIsJournaled()
    {
        AgentResult result = await RunAsync(new ScriptedModel(Fail(new HttpRequestException("502"))), [Add]);
        Assert.Equal((RunStatus.Failed, FinishReasons.Error, "The model failed: 502"), (result.Status, result.FinishReason, result.Error));
    }

    [Fact]
    public async Task ModelTimesOutByItself_IsAFailureAndNoCancellation()
    {
        AgentResult result = await RunAsync(new ScriptedModel(Fail(new TaskCanceledException("timeout"))), [Add]);
        Assert.Equal(FinishReasons.Error, result.FinishReason);
    }

    [Fact]
    public async Task ModelRefusesTheInput_IsJournaledAndThrown()
    {
        var journal = new InMemoryJournal();
        await Assert.ThrowsAsync<UserInputException>(() => RunAsync(
            new ScriptedModel(Fail(new UserInputException("task", "too long"))), [Add], o => o with { Journal = journal }));
        RunSummary run = Assert.Single(await journal.ListAsync().ToListAsync());
        Assert.Equal("too long", (await RunView.LoadAsync(journal, run.RunId))?.Error);
    }

    [Fact]
    public async Task AnswerCutOff_IsNotPassedOffAsAnAnswer()
    {
        AgentResult result = await RunAsync(new ScriptedModel(Text("half an ans") with { FinishReason = ChatFinishReason.Length }), []);
        Assert.Equal((RunStatus.Failed, FinishReasons.Length, "half an ans"), (result.Status, result.FinishReason, result.Answer));
    }

    [Fact]
    public async Task NeitherTextNorCall_IsNotPassedOffAsAnAnswer() =>
        Assert.Equal(FinishReasons.Empty, (await RunAsync(new ScriptedModel(Text(" ")), [])).FinishReason);

    [Fact]
    public async Task SeveralCalls_RunSideBySide()
    {
        var first = new TaskCompletionSource();
        var second = new TaskCompletionSource();
        AIFunction[] tools =
        [
            AIFunctionFactory.Create(async () => { first.SetResult(); await second.Task; return 1; }, "one", "Waits for two."),
            AIFunctionFactory.Create(async () => { second.SetResult(); await first.Task; return 2; }, "two", "Waits for one."),
        ];
        AgentResult result = await RunAsync(new ScriptedModel(Calls(("one", null), ("two", null)), Text("done")), tools);
        Assert.Equal(["1", "2"], result.Run.Steps.Where(s => s.Kind is RunStepKind.Tool).Select(s => s.Result));
    }

    [Fact]
    public async Task Tool_RunsAfterItsIntentIsJournaled()
    {
        var journal = new InMemoryJournal();
        List<AgentEvent> seen = [];
        AIFunction look = AIFunctionFactory.Create(
            async () => seen = await journal.ReadAsync("r").Select(r => r.Event).ToListAsync(), "look", "Looks into the journal.");
        var model = new ScriptedModel(Call("look", id: "c1"), Text("done"));
        await using var agent = new Agent(model, new AgentOptions { Tools = [look], Journal = journal });
        await agent.RunAsync("look", "r");
        var intent = Assert.IsType<AgentEvent.ToolStarted>(seen[^1]);
        Assert.Equal(("c1", 32), (intent.Call.Id, intent.Key.Length));
    }

    [Fact]
    public async Task CallIds_MissingOrRepeated_AreMadeUniqueInTheRun()
    {
        var model = new ScriptedModel(
            new ScriptedReply(Function("add", new { a = 1, b = 1 }, "x"), Function("add", new { a = 2, b = 2 }, "x")),
            Call("add", new { a = 3, b = 3 }, "x"), Call("add", new { a = 4, b = 4 }), Text("done"));
        AgentResult result = await RunAsync(model, [Add]);
        Assert.Equal(
            [("x", "2"), ("call_1_2", "4"), ("call_4_1", "6"), ("call_6_1", "8")],
            result.Run.Steps.Where(s => s.Kind is RunStepKind.Tool).Select(s => (s.CallId!, s.Result!)));
    }

    [Fact]
    public async Task Cancelled_DuringTheModelCall_IsJournaledAndThrown()
    {
        var journal = new InMemoryJournal();
        using var cancel = new CancellationTokenSource();
        var model = new ScriptedModel(_ => { cancel.Cancel(); return Text("never") with { Gate = new TaskCompletionSource().Task }; });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(model, [], o => o with { Journal = journal }, cancel.Token));
        RunSummary run = Assert.Single(await journal.ListAsync().ToListAsync());
        RunView? view = await RunView.LoadAsync(journal, run.RunId);
        Assert.Equal((RunStatus.Failed, FinishReasons.Cancelled), (view?.Status, view?.FinishReason));
    }

    [Fact]
    public async Task Cancelled_ToolThatIgnoresIt_IsNotWaitedForAndItsOutcomeIsUnknown()
    {
        var journal = new InMemoryJournal();
        using var cancel = new CancellationTokenSource();
        AIFunction stubborn = AIFunctionFactory.Create(
            async () => { cancel.Cancel(); await new TaskCompletionSource().Task; }, "stubborn", "Never ends.");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => RunAsync(new ScriptedModel(Call("stubborn")), [stubborn], o => o with { Journal = journal }, cancel.Token));
        RunSummary run = Assert.Single(await journal.ListAsync().ToListAsync());
        RunView? view = await RunView.LoadAsync(journal, run.RunId);
        Assert.True(view?.Steps[1].OutcomeUnknown);
        Assert.Equal(FinishReasons.Cancelled, view?.FinishReason);
    }

    [Fact]
    public async Task JournalFails_CallerIsToldTheFirstFailure()
    {
        var logger = new ListLogger();
        var error = await Assert.ThrowsAsync<IOException>(() => RunAsync(
            new ScriptedModel(Text("hi")), [], o => o with { Journal = new FailingJournal(after: 1), Logger = logger }));
        Assert.Equal("disk full at 2", error.Message);
        Assert.Contains(logger.Entries, entry => entry.Error?.Message == "disk full at 3");
    }

    private static async Task<AgentResult> RunAsync(
        IChatClient model,
        IReadOnlyList<AIFunction> tools,
        Func<AgentOptions, AgentOptions>? change = null,
        CancellationToken cancellationToken = default)
    {
        var options = new AgentOptions { Tools = tools };
        await using var agent = new Agent(model, change?.Invoke(options) ?? options);
        return await agent.RunAsync("task", cancellationToken: cancellationToken);
    }

    private static object? LastResult(ScriptedModel model) =>
        Assert.IsType<FunctionResultContent>(Assert.Single(model.Requests[^1][^1].Contents)).Result;

    [Description("Throws what a model must not see.")]
    private static string Throw(string secret) => throw new InvalidOperationException(secret);

    private sealed class FailingJournal(int after) : IJournal
    {
        private int _appends;

        public ValueTask<long> AppendAsync(
            string runId, long expectedVersion, IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken = default) =>
            ++_appends > after ? throw new IOException($"disk full at {_appends}") : ValueTask.FromResult(expectedVersion + events.Count);

        public IAsyncEnumerable<JournalRecord> ReadAsync(string runId, CancellationToken cancellationToken = default) =>
            AsyncEnumerable.Empty<JournalRecord>();

        public IAsyncEnumerable<RunSummary> ListAsync(bool unfinishedOnly = false, CancellationToken cancellationToken = default) =>
            AsyncEnumerable.Empty<RunSummary>();
    }
}
