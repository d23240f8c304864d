using System.Text.Json;
using AgentKit.Agents;
using AgentKit.Kernel.Runs;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;
using static AgentKit.Tests.Support.ScriptedReply;

namespace AgentKit.Tests.Agents;

/// <summary>What ends a run, and what an answer must look like.</summary>
public class LimitTests
{
    private static readonly AIFunction Look = AIFunctionFactory.Create(() => "nothing new", "look", "Looks.");
    private static readonly JsonElement Schema = JsonElement.Parse(
        """{"type":"object","properties":{"sum":{"type":"integer"}},"required":["sum"]}""");

    [Fact]
    public async Task Tokens_UsedUp_EndTheRun()
    {
        int n = 0;
        AIFunction count = AIFunctionFactory.Create(() => ++n, "count", "Counts.");
        AgentResult result = await RunAsync(new ScriptedModel(_ => Call("count")), o => o with { Tools = [count], MaxTokens = 30 });
        Assert.Equal((FinishReasons.TokenLimit, 2), (result.FinishReason, n));
        Assert.Contains("39 tokens", result.Error);
    }

    [Fact]
    public async Task Time_UsedUp_CancelsWhatIsInWorkAndEndsTheRun()
    {
        var time = new FakeTimeProvider();
        AIFunction slow = AIFunctionFactory.Create(
            async (CancellationToken stop) => await Task.Delay(Timeout.InfiniteTimeSpan, stop), "slow", "Never ends.");
        var started = new TaskCompletionSource();
        var model = new ScriptedModel(_ => { started.TrySetResult(); return Call("slow"); });
        Task<AgentResult> run = RunAsync(model, o => o with { Tools = [slow], MaxDuration = TimeSpan.FromMinutes(1), TimeProvider = time });
        await started.Task;
        time.Advance(TimeSpan.FromMinutes(1));
        AgentResult result = await run;
        Assert.Equal((RunStatus.Failed, FinishReasons.TimeLimit), (result.Status, result.FinishReason));
    }

    [Fact]
    public async Task SameCallsWithTheSameResults_TooOftenInARow_EndTheRun()
    {
        AgentResult result = await RunAsync(new ScriptedModel(_ => Call("look")), o => o with { MaxRepeats = 3 });
        Assert.Equal(FinishReasons.RepeatLimit, result.FinishReason);
        Assert.Equal(3, result.Run.Steps.Count(s => s.Kind is RunStepKind.Tool));
    }

    [Fact]
    public async Task SameCallWithAnotherResult_IsNoRepetition()
    {
        int n = 0;
        AIFunction poll = AIFunctionFactory.Create(() => ++n, "poll", "Polls.");
        var model = new ScriptedModel(Call("poll"), Call("poll"), Call("poll"), Text("3"));
        Assert.Equal("3", (await RunAsync(model, o => o with { Tools = [poll], MaxRepeats = 2 })).Answer);
    }

    [Fact]
    public async Task Resume_AfterALimit_GoesOnWithTheHigherOne()
    {
        var journal = new InMemoryJournal();
        AgentResult first = await RunAsync(new ScriptedModel(Call("look")), o => o with { Journal = journal, MaxSteps = 1 });
        Assert.Equal(FinishReasons.StepLimit, first.FinishReason);
        await using var agent = new Agent(new ScriptedModel(Text("seen")), new AgentOptions { Tools = [Look], Journal = journal, RecoverAtStart = false });
        AgentResult second = await agent.ResumeAsync(first.RunId);
        Assert.Equal((RunStatus.Completed, "seen", "nothing new"), (second.Status, second.Answer, second.Run.Steps[1].Result));
    }

    [Fact]
    public async Task Answer_OfAWrongForm_GoesBackWithWhatIsWrong()
    {
        var model = new ScriptedModel(Text("seven"), Text("""{"total":7}"""), Text("""{"sum":7}"""));
        AgentResult result = await RunAsync(model, o => o with { AnswerSchema = Schema });
        Assert.Equal("""{"sum":7}""", result.Answer);
        Assert.Contains("must be JSON", model.Requests[1][^1].Text, StringComparison.Ordinal);
        Assert.Contains("missing required argument 'sum'", model.Requests[2][^1].Text, StringComparison.Ordinal);
        Assert.IsType<ChatResponseFormatJson>(model.Options[0]?.ResponseFormat);
    }

    [Fact]
    public async Task Answer_OfAWrongFormAgainAndAgain_ReachesTheErrorLimit()
    {
        AgentResult result = await RunAsync(new ScriptedModel(_ => Text("seven")), o => o with { AnswerSchema = Schema });
        Assert.Equal((FinishReasons.ErrorLimit, 3), (result.FinishReason, result.Run.Steps.Count));
    }

    [Fact]
    public async Task Answer_WhoseFormWasAskedForByAnEarlierProcess_IsStillHeldToIt()
    {
        var journal = new InMemoryJournal();
        AgentResult first = await RunAsync(
            new ScriptedModel(Fail(new HttpRequestException("502"))), o => o with { Journal = journal, AnswerSchema = Schema });
        await using var agent = new Agent(
            new ScriptedModel(Text("seven"), Text("""{"sum":7}""")), new AgentOptions { Journal = journal, RecoverAtStart = false });
        Assert.Equal("""{"sum":7}""", (await agent.ResumeAsync(first.RunId)).Answer);
    }

    private static async Task<AgentResult> RunAsync(IChatClient model, Func<AgentOptions, AgentOptions> change)
    {
        await using var agent = new Agent(model, change(new AgentOptions { Tools = [Look] }));
        return await agent.RunAsync("task");
    }
}
