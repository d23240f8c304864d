using System.Text.Json.Nodes;
using AgentKit.Kernel.Runs;
using AgentKit.Tests.Memory;

namespace AgentKit.Tests.Kernel;

public class RunViewTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void From_FinishedRun_HasStepsAnswerAndUsage()
    {
        RunView view = RunView.From(Records(SomeRun.Events), _ => false);

        Assert.Equal((RunStatus.Completed, "865", FinishReasons.Answered), (view.Status, view.Answer, view.FinishReason));
        Assert.Equal([1, 2, 3, 4], view.Steps.Select(s => s.N));
        Assert.Equal(("add", "865", null, 1.25), (view.Steps[1].Name, view.Steps[1].Result, view.Steps[1].Error, view.Steps[1].Ms));
        Assert.Contains("JSON object", view.Steps[2].Error);
        Assert.Equal(new TokenUsage(20, 8, 6), view.Usage);
        Assert.Equal((Start.AddSeconds(1), Start.AddSeconds(7)), (view.Started, view.Finished));
    }

    [Fact]
    public void From_OwnerGoneDuringATool_IsInterruptedAndTheOutcomeUnknown()
    {
        RunView view = RunView.From(Records([.. SomeRun.Events.Take(3)]), _ => false);
        Assert.Equal(RunStatus.Interrupted, view.Status);
        Assert.True(view.Steps[1].OutcomeUnknown);
        Assert.Contains("unknown", view.Steps[1].Error);
    }

    [Fact]
    public void From_OwnerAliveDuringATool_IsRunning()
    {
        RunView view = RunView.From(Records([.. SomeRun.Events.Take(3)]), owner => owner == "elsewhere/1/1");
        Assert.Equal(RunStatus.Running, view.Status);
        Assert.False(view.Steps[1].OutcomeUnknown);
        Assert.Null(view.Steps[1].Error);
    }

    [Fact]
    public void From_NoStart_IsRefused() => Assert.Throws<ArgumentException>(() => RunView.From([]));

    [Fact]
    public void ToJson_FinishedRun_HasTheFieldsOfTheCommandLine()
    {
        JsonObject json = RunView.From(Records(SomeRun.Events)).ToJson();
        Assert.Equal("completed", (string?)json["status"]);
        Assert.Equal("865", (string?)json["answer"]);
        Assert.Equal("r", (string?)json["run_id"]);
        Assert.Equal(20, (int?)json["usage"]?["input_tokens"]);
        Assert.Equal(8, (int?)json["usage"]?["cached_tokens"]);
        JsonNode tool = json["steps"]![1]!;
        Assert.Equal((2, "tool", "add"), ((int)tool["n"]!, (string)tool["kind"]!, (string)tool["name"]!));
        Assert.Equal(347, (int?)tool["arguments"]?["a"]);
        Assert.Equal("model", (string?)json["steps"]![0]!["kind"]);
        Assert.False(json["steps"]![0]!.AsObject().ContainsKey("name"));
    }

    private static List<JournalRecord> Records(IReadOnlyList<AgentEvent> events) =>
        [.. events.Select((e, i) => new JournalRecord("r", i + 1, EventJson.Schema, Start.AddSeconds(i + 1), e))];
}
