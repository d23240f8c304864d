using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;
using AgentKit.Testing;
using AgentKit.Tests.Memory;

namespace AgentKit.Tests.Kernel;

/// <summary>Runs taken out of the journal, and new runs made from them.</summary>
public class RunFileTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task Import_WhatWasExported_IsTheSameRunWithItsTimes()
    {
        using var scratch = new ScratchFolder();
        List<JournalRecord> records = Records(SomeRun.EveryKind);
        IReadOnlyList<JournalRecord> read = RunFile.Read("run.json", RunFile.Write(records).ToJsonString());
        await using SqliteJournal journal = SqliteJournal.Open(scratch["journal.db"]);
        await journal.ImportAsync(read);
        List<JournalRecord> imported = await journal.ReadAsync("r").ToListAsync();
        Assert.Equal(records.Select(r => EventJson.Write(r.Event)), imported.Select(r => EventJson.Write(r.Event)));
        Assert.Equal(records.Select(r => (r.Version, r.At)), imported.Select(r => (r.Version, r.At)));
        Assert.Equal(Start, (await journal.ListAsync().SingleAsync()).Started);
        await Assert.ThrowsAsync<JournalConflictException>(() => journal.ImportAsync(read));
    }

    [Theory]
    [InlineData("{", "not an exported run")]
    [InlineData("{}", "not an exported run")]
    [InlineData("""{"format":"other","version":1,"run_id":"r","records":[]}""", "format")]
    [InlineData("""{"format":"agentkit.run","version":2,"run_id":"r","records":[]}""", "version 2")]
    [InlineData("""{"format":"agentkit.run","version":1,"run_id":"r","records":[]}""", "run_started")]
    [InlineData("""{"format":"agentkit.run","version":1,"run_id":"r","records":[{"version":1,"schema":9,"at":"2026-01-01T00:00:00Z","event":{}}]}""", "schema 9")]
    public void Read_SomethingElse_IsRefusedWithTheReason(string json, string reason)
    {
        var error = Assert.Throws<UserInputException>(() => RunFile.Read("run.json", json));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("run.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_RecordMissing_IsRefused()
    {
        List<JournalRecord> records = Records(SomeRun.Events);
        records.RemoveAt(2);
        Assert.Throws<UserInputException>(() => RunFile.Read("run.json", RunFile.Write(records).ToJsonString()));
    }

    [Theory]
    [InlineData(0, "run_started")]
    [InlineData(1, "run_started model_replied")]
    [InlineData(2, "run_started model_replied tool_started tool_completed")]
    [InlineData(4, "run_started model_replied tool_started tool_completed tool_completed model_replied")]
    public void Fork_AtAStep_KeepsWhatLiesBeforeIt(int step, string kinds)
    {
        IReadOnlyList<AgentEvent> fork = RunFork.Events(Records(SomeRun.Events), step, "larger");
        var start = (AgentEvent.RunStarted)fork[0];
        Assert.Equal(("larger", new RunParent("r", step), ProcessOwner.Current), (start.Model, start.Parent, start.Owner));
        Assert.Equal($"{kinds} run_interrupted", string.Join(' ', fork.Select(e => EventJson.Write(e).Split('"')[3])));
    }

    [Fact]
    public void Fork_CallWithoutItsEnd_IsOpenAgain()
    {
        IReadOnlyList<AgentEvent> fork = RunFork.Events(Records(SomeRun.EveryKind), 2);
        Assert.Equal(CallStage.Open, RunState.From(fork).Calls[1].Stage);
        Assert.Equal(CallStage.Done, RunState.From(fork).Calls[0].Stage);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    public void Fork_StepThatIsNotThere_IsRefused(int step) =>
        Assert.Equal("--at", Assert.Throws<UserInputException>(() => RunFork.Events(Records(SomeRun.Events), step)).Field);

    [Fact]
    public void Diff_SameRun_HasNoDifference()
    {
        RunView run = RunView.From(Records(SomeRun.Events));
        RunDiff diff = RunDiff.Of(run, run);
        Assert.Null(diff.FirstDifference);
        Assert.Equal(4, diff.Steps.Count);
        Assert.Equal(diff.UsageA, diff.UsageB);
    }

    [Fact]
    public void Diff_OneCallMore_StandsAloneAndTheRestIsAligned()
    {
        RunView run = RunView.From(Records(SomeRun.Events));
        RunView shorter = run with { Steps = [run.Steps[0], run.Steps[2], run.Steps[3]] };
        RunDiff diff = RunDiff.Of(run, shorter);
        Assert.Equal(2, diff.FirstDifference);
        Assert.Equal([true, false, true, true], diff.Steps.Select(s => s.Same));
        Assert.Null(diff.Steps[1].B);
        Assert.Equal(2, (int?)diff.ToJson()["first_difference"]);
    }

    [Fact]
    public void Diff_OtherResult_IsADifferenceInPlace()
    {
        RunView run = RunView.From(Records(SomeRun.Events));
        RunView other = run with { Steps = [run.Steps[0], run.Steps[1] with { Result = "866" }, run.Steps[2], run.Steps[3]] };
        RunDiff diff = RunDiff.Of(run, other);
        Assert.Equal(2, diff.FirstDifference);
        Assert.Equal(("865", "866"), (diff.Steps[1].A?.Result, diff.Steps[1].B?.Result));
    }

    private static List<JournalRecord> Records(IReadOnlyList<AgentEvent> events) =>
        [.. events.Select((e, i) => new JournalRecord("r", i + 1, EventJson.Schema, Start.AddSeconds(i), e))];
}
