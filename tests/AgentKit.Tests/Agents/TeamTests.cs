using AgentKit.Agents;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Tests.Support;
using Microsoft.Extensions.AI;
using static AgentKit.Tests.Support.ScriptedReply;

namespace AgentKit.Tests.Agents;

/// <summary>Agents that call each other as tools, and agents that hand a conversation over.</summary>
public class TeamTests
{
    private readonly InMemoryJournal _journal = new();
    private int _writes;

    [Fact]
    public async Task AgentAsTool_Called_AnswersFromARunOfItsOwn()
    {
        await using var helper = new Agent(new ScriptedModel(Text("42")), Options("helper"));
        var model = new ScriptedModel(Call("helper", new { task = "compute" }), Text("It is 42."));
        await using var boss = new Agent(model, Options("boss", helper.AsTool("Computes.")));
        AgentResult result = await boss.RunAsync("ask the helper");
        Assert.Equal(("It is 42.", "42"), (result.Answer, result.Run.Steps[1].Result));
        RunSummary[] runs = [.. await _journal.ListAsync().ToListAsync()];
        Assert.Equal(["boss", "helper"], runs.Select(r => r.Agent).Order());
        Assert.Equal(ToolCallKey.Of(result.RunId, 2, result.Run.Steps[1].CallId!), runs.Single(r => r.Agent == "helper").RunId);
    }

    [Fact]
    public async Task AgentAsTool_Fails_ModelIsToldWhy()
    {
        await using var helper = new Agent(new ScriptedModel(Fail(new HttpRequestException("502"))), Options("helper"));
        await using var boss = new Agent(new ScriptedModel(Call("helper", new { task = "x" }), Text("sorry")), Options("boss", helper.AsTool()));
        Assert.Contains("The model failed: 502", (await boss.RunAsync("go")).Run.Steps[1].Error);
    }

    [Fact]
    public async Task AgentAsTool_WaitsForAnApproval_CallerWaitsWithItAndGoesOnAfterIt()
    {
        AIFunction write = new ToolContract(ToolReplay.Unsafe, SideEffect.LocalWrite).Apply(
            AIFunctionFactory.Create(() => ++_writes, "write", "Writes."));
        AgentOptions Waits(AgentOptions options) => options with { Approver = (_, _) => ValueTask.FromResult(ApprovalReply.Wait) };
        await using var helper = new Agent(new ScriptedModel(Call("write"), Text("written")), Waits(Options("helper", write)));
        await using var boss = new Agent(
            new ScriptedModel(Call("helper", new { task = "write" }), Text("all done")), Waits(Options("boss", helper.AsTool())));

        AgentResult waiting = await boss.RunAsync("go");
        Assert.Equal(RunStatus.Waiting, waiting.Status);
        string inner = Assert.Single(waiting.Run.WaitingRuns);
        RunView innerRun = (await RunView.LoadAsync(_journal, inner))!;
        await RunDecision.ApproveAsync(_journal, inner, Assert.Single(innerRun.Waiting).CallId);

        AgentResult result = await boss.ResumeAsync(waiting.RunId);
        Assert.Equal((RunStatus.Completed, "all done", 1), (result.Status, result.Answer, _writes));
        Assert.Equal("written", result.Run.Steps[1].Result);
    }

    [Fact]
    public async Task Handoff_ModelTransfers_OtherAgentGoesOnWithItsOwnInstructionsAndTools()
    {
        var salesModel = new ScriptedModel(Call("price"), Text("It costs 5."));
        AIFunction price = AIFunctionFactory.Create(() => 5, "price", "Looks the price up.");
        await using var sales = new Agent(salesModel, Options("sales", price) with { Instructions = "You sell.", Description = "Knows prices." });
        var deskModel = new ScriptedModel(Call("transfer_to_sales"));
        await using var desk = new Agent(deskModel, Options("desk") with { Instructions = "You receive.", Handoffs = [sales] });

        AgentResult result = await desk.RunAsync("How much?");

        Assert.Equal("It costs 5.", result.Answer);
        Assert.Equal("Hand the conversation over to 'sales'. Knows prices.", deskModel.Options[0]!.Tools!.Single().Description);
        Assert.Equal("You sell.", salesModel.Requests[0][0].Text);
        Assert.Equal(["price", "transfer_to_desk"], salesModel.Options[0]!.Tools!.Select(t => t.Name));
        Assert.Equal("How much?", salesModel.Requests[0][1].Text);
    }

    [Fact]
    public async Task Handoff_RunTakenUpLater_StaysWithTheAgentThatHadTheWord()
    {
        await using var failing = new Agent(new ScriptedModel(Fail(new HttpRequestException("502"))), Options("sales"));
        await using var desk = new Agent(new ScriptedModel(Call("transfer_to_sales")), Options("desk") with { Handoffs = [failing] });
        AgentResult failed = await desk.RunAsync("go");
        await using var sales = new Agent(new ScriptedModel(Text("sold")), Options("sales"));
        await using var later = new Agent(new ScriptedModel(), Options("desk") with { Handoffs = [sales] });
        Assert.Equal("sold", (await later.ResumeAsync(failed.RunId)).Answer);
    }

    [Fact]
    public void Handoffs_TwoOfOneName_AreRefused() => Assert.Throws<UserInputException>(() =>
        new Agent(new ScriptedModel(), Options("desk") with { Handoffs = [new Agent(new ScriptedModel(), Options("desk"))] }));

    private AgentOptions Options(string name, params AIFunction[] tools) =>
        new() { Name = name, Tools = tools, Journal = _journal, RecoverAtStart = false };
}
