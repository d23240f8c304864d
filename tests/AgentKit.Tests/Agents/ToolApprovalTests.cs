using AgentKit.Agents;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;
using static AgentKit.Tests.Support.ScriptedReply;

namespace AgentKit.Tests.Agents;

public class ToolApprovalTests
{
    private readonly InMemoryJournal _journal = new();
    private readonly List<ApprovalRequest> _asked = [];
    private int _writes;

    [Fact]
    public async Task Write_NobodyToAsk_IsRefusedAndTheModelGoesOn()
    {
        AgentResult result = await RunAsync(null, Call("write", new { text = "a" }), Text("ok"));
        Assert.Equal(("ok", 0), (result.Answer, _writes));
        Assert.Equal(
            "The call of 'write' was not approved. Reason: it changes something, and nobody can be asked here", result.Run.Steps[1].Error);
    }

    [Fact]
    public async Task Write_Approved_Runs()
    {
        AgentResult result = await RunAsync(ApprovalReply.Approve(), Call("write", new { text = "a" }), Text("ok"));
        Assert.Equal(("ok", 1), (result.Answer, _writes));
        ApprovalRequest request = Assert.Single(_asked);
        Assert.Equal(("write", SideEffect.LocalWrite, false), (request.Call.Name, request.SideEffect, request.OutcomeUnknown));
    }

    [Fact]
    public async Task Write_Rejected_ModelIsToldWhy()
    {
        AgentResult result = await RunAsync(ApprovalReply.Reject("not today"), Call("write", new { text = "a" }), Text("ok"));
        Assert.Equal(("ok", 0), (result.Answer, _writes));
        Assert.Equal("The call of 'write' was not approved. Reason: not today", result.Run.Steps[1].Error);
    }

    [Fact]
    public async Task Write_Undecided_RunWaitsWhileItsSiblingsAreDone()
    {
        AgentResult result = await RunAsync(ApprovalReply.Wait, Calls(("write", new { text = "a" }), ("read", null)));
        Assert.Equal((RunStatus.Waiting, "", 0), (result.Status, result.FinishReason, _writes));
        Assert.Equal("read", result.Run.Steps[2].Result);
        Assert.True(result.Run.Steps[1].Waits);
        Assert.Equal(("call_1_1", false), Assert.Single(result.Waiting) is var call ? (call.CallId, call.OutcomeUnknown) : default);
    }

    [Fact]
    public async Task Sibling_OfACallThatIsBeingAskedAbout_DoesNotWaitForTheAnswer()
    {
        var read = new TaskCompletionSource();
        async ValueTask<ApprovalReply> Decide(ApprovalRequest request, CancellationToken stop)
        {
            await read.Task;
            return ApprovalReply.Approve();
        }

        AIFunction signals = Harmless(AIFunctionFactory.Create(() => read.TrySetResult(), "read", "Reads."));
        var model = new ScriptedModel(Calls(("write", new { text = "a" }), ("read", null)), Text("ok"));
        await using var agent = new Agent(model, new AgentOptions { Tools = [Write(), signals], Approver = Decide });
        Assert.Equal("ok", (await agent.RunAsync("go")).Answer);
    }

    [Fact]
    public async Task Approve_InAnotherAgentLater_FinishesTheRun()
    {
        AgentResult waiting = await RunAsync(ApprovalReply.Wait, Call("write", new { text = "a" }));
        await RunDecision.ApproveAsync(_journal, waiting.RunId, waiting.Waiting[0].CallId);
        AgentResult result = await ResumeAsync(waiting.RunId, null, Text("written"));
        Assert.Equal((RunStatus.Completed, "written", 1), (result.Status, result.Answer, _writes));
    }

    [Fact]
    public async Task Reject_InAnotherAgentLater_ModelIsToldAndFinishesOtherwise()
    {
        AgentResult waiting = await RunAsync(ApprovalReply.Wait, Call("write", new { text = "a" }));
        await RunDecision.RejectAsync(_journal, waiting.RunId, waiting.Waiting[0].CallId, "read only");
        var model = new ScriptedModel(messages => Text($"{messages[^1].Contents.OfType<FunctionResultContent>().Single().Result}"));
        await using var agent = new Agent(model, Options(null));
        AgentResult result = await agent.ResumeAsync(waiting.RunId);
        Assert.Equal("Error: The call of 'write' was not approved. Reason: read only", result.Answer);
        Assert.Equal(0, _writes);
    }

    [Fact]
    public async Task Decide_SomethingThatDoesNotWait_IsRefused()
    {
        AgentResult waiting = await RunAsync(ApprovalReply.Wait, Call("write", new { text = "a" }));
        string id = waiting.RunId;
        await Assert.ThrowsAsync<UserInputException>(() => RunDecision.ApproveAsync(_journal, "nothing", "call_1_1"));
        var error = await Assert.ThrowsAsync<UserInputException>(() => RunDecision.ApproveAsync(_journal, id, "call_9"));
        Assert.Contains("waiting: call_1_1", error.Message);
        await Assert.ThrowsAsync<UserInputException>(() => RunDecision.SettleAsync(_journal, id, "call_1_1", "result"));
        await RunDecision.ApproveAsync(_journal, id, "call_1_1");
        await Assert.ThrowsAsync<UserInputException>(() => RunDecision.RejectAsync(_journal, id, "call_1_1"));
    }

    [Fact]
    public async Task Session_ApprovedOnce_LaterCallsOfThatToolAreNotAskedAbout()
    {
        AgentResult result = await RunAsync(
            ApprovalReply.Approve(ApprovalScope.Session), Call("write", new { text = "a" }), Call("write", new { text = "b" }), Text("ok"));
        Assert.Equal((2, "ok"), (_writes, result.Answer));
        Assert.Single(_asked);
    }

    [Fact]
    public async Task Session_ApprovedBeforeARestart_StillHolds()
    {
        AgentResult waiting = await RunAsync(ApprovalReply.Wait, Call("write", new { text = "a" }));
        await RunDecision.ApproveAsync(_journal, waiting.RunId, "call_1_1", ApprovalScope.Session);
        AgentResult result = await ResumeAsync(waiting.RunId, ApprovalReply.Wait, Call("write", new { text = "b" }), Text("ok"));
        Assert.Equal((2, "ok"), (_writes, result.Answer));
    }

    [Theory]
    [InlineData("""{"text":1}""")]
    [InlineData(null)]
    public async Task Arguments_ThatDoNotFit_AreNeitherAskedAboutNorRun(string? arguments)
    {
        FunctionCallContent call = Function("write", arguments is null ? null : new { text = 1 });
        if (arguments is null) call.Exception = new FormatException("not JSON");
        AgentResult result = await RunAsync(ApprovalReply.Approve(), new ScriptedReply(call), Text("ok"));
        Assert.Equal((0, "ok"), (_writes, result.Answer));
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task Unknown_ApprovedByTheApprover_RunsAgain()
    {
        await _journal.AppendAsync("r", 0, Interrupted(ToolReplay.Unsafe));
        AgentResult result = await ResumeAsync("r", ApprovalReply.Approve(), Text("ok"));
        Assert.Equal((1, "ok"), (_writes, result.Answer));
        Assert.True(Assert.Single(_asked).OutcomeUnknown);
    }

    [Fact]
    public async Task Unknown_Rejected_ModelIsToldThatNobodyKnows()
    {
        await _journal.AppendAsync("r", 0, Interrupted(ToolReplay.Unsafe));
        AgentResult waiting = await ResumeAsync("r", null);
        Assert.Equal(RunStatus.Waiting, waiting.Status);
        await RunDecision.RejectAsync(_journal, "r", "c");
        AgentResult result = await ResumeAsync("r", null, Text("ok"));
        Assert.Equal((0, "ok"), (_writes, result.Answer));
        Assert.StartsWith("The outcome of this call of 'write' is unknown", result.Run.Steps[1].Error);
    }

    [Fact]
    public async Task Started_ToolIsNotThereAnyMore_OutcomeIsUnknown()
    {
        await _journal.AppendAsync("r", 0, Interrupted(ToolReplay.Idempotent));
        await using var agent = new Agent(new ScriptedModel(), new AgentOptions { Journal = _journal, RecoverAtStart = false });
        AgentResult result = await agent.ResumeAsync("r");
        Assert.Equal(RunStatus.Waiting, result.Status);
        Assert.Contains("not there any more", result.Run.Steps[1].Error);
    }

    [Fact]
    public async Task Resume_RunOfALivingProcess_IsRefused()
    {
        await _journal.AppendAsync("r", 0, [new AgentEvent.RunStarted("agent", "m", "t", null, [], ProcessOwner.Current)]);
        var error = await Assert.ThrowsAsync<UserInputException>(() => ResumeAsync("r", null));
        Assert.Contains("is at work", error.Message);
        await Assert.ThrowsAsync<UserInputException>(() => ResumeAsync("nothing", null));
    }

    [Fact]
    public async Task Recover_InterruptedRunsOfThisAgent_AreTakenUpByTheFirstUse()
    {
        await _journal.AppendAsync("mine", 0, Interrupted(ToolReplay.Pure));
        await _journal.AppendAsync("other", 0, [new AgentEvent.RunStarted("someone", "m", "t", null, [], "gone/1/1"), new AgentEvent.RunInterrupted()]);
        var recovered = new TaskCompletionSource();
        var model = new ScriptedModel(messages =>
        {
            if (messages[0].Text == "old") recovered.SetResult();
            return Text("done");
        });
        await using var agent = new Agent(model, Options(ApprovalReply.Approve()) with { RecoverAtStart = true });
        await agent.RunAsync("new");
        await recovered.Task;
        IReadOnlyList<AgentResult> rest = await agent.RecoverAsync();
        Assert.DoesNotContain(rest, result => result.RunId == "other");
        Assert.Equal(RunStatus.Interrupted, (await RunView.LoadAsync(_journal, "other"))?.Status);
    }

    private static AgentEvent[] Interrupted(ToolReplay replay)
    {
        var call = new ToolCall("c", "write", System.Text.Json.JsonSerializer.SerializeToElement(new { text = "a" }));
        return
        [
            new AgentEvent.RunStarted("agent", "m", "old", null, ["write"], "gone/1/1"),
            new AgentEvent.ModelReplied(1, "", null, [call], "tool_calls", default, 1),
            new AgentEvent.ToolStarted(2, call, ToolCallKey.Of("r", 2, "c"), replay),
            new AgentEvent.RunInterrupted(),
        ];
    }

    private static AIFunction Harmless(AIFunction tool) => new ToolContract(ToolReplay.Pure, SideEffect.None).Apply(tool);

    private AIFunction Write() => new ToolContract(ToolReplay.Unsafe, SideEffect.LocalWrite).Apply(
        AIFunctionFactory.Create((string text) => $"{text}{Interlocked.Increment(ref _writes)}", "write", "Writes."));

    private AgentOptions Options(ApprovalReply? reply) => new()
    {
        Tools = [Write(), Harmless(AIFunctionFactory.Create(() => "read", "read", "Reads."))],
        Journal = _journal,
        RecoverAtStart = false,
        Approver = reply is null
            ? null
            : (request, _) =>
            {
                lock (_asked) _asked.Add(request);
                return ValueTask.FromResult(reply);
            },
    };

    private async Task<AgentResult> RunAsync(ApprovalReply? reply, params ScriptedReply[] script)
    {
        await using var agent = new Agent(new ScriptedModel(script), Options(reply));
        return await agent.RunAsync("go");
    }

    private async Task<AgentResult> ResumeAsync(string runId, ApprovalReply? reply, params ScriptedReply[] script)
    {
        await using var agent = new Agent(new ScriptedModel(script), Options(reply));
        return await agent.ResumeAsync(runId);
    }
}
