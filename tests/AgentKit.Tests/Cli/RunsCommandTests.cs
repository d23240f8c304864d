using System.Text.Json;
using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Memory.Journal;
using AgentKit.Testing;
using AgentKit.Tests.Memory;

namespace AgentKit.Tests.Cli;

/// <summary>The commands on recorded runs that need no model.</summary>
public sealed class RunsCommandTests : IDisposable
{
    private readonly ScratchFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Replay_CompletedRun_PrintsItsAnswerAndNoDifference()
    {
        await RecordAsync("r1", SomeRun.Events);
        JsonElement replayed = await JsonAsync("runs", "replay", "r1");
        Assert.Equal("completed", replayed.GetProperty("status").GetString());
        Assert.Equal(4, replayed.GetProperty("replay").GetProperty("steps").GetInt32());
        Assert.Equal(JsonValueKind.Null, replayed.GetProperty("replay").GetProperty("first_difference").ValueKind);
    }

    [Fact]
    public async Task Replay_OneStep_ShowsWhatTheModelWasShown()
    {
        await RecordAsync("r1", SomeRun.Events);
        JsonElement shown = await JsonAsync("runs", "replay", "r1", "--step", "4");
        Assert.Equal(
            ["system", "user", "assistant", "tool", "tool"],
            shown.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("role").GetString()!));
        CliRun wrong = await RunAsync("runs", "replay", "r1", "--step", "2");
        Assert.Equal((2, true), (wrong.ExitCode, wrong.Error.StartsWith("error: --step", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Diff_TwoRuns_NamesTheFirstDifference()
    {
        await RecordAsync("r1", SomeRun.Events);
        await RecordAsync("r2", [.. SomeRun.Events.Select(e => e is AgentEvent.ToolCompleted { Result: "865" } done ? done with { Result = "866" } : e)]);
        JsonElement diff = await JsonAsync("runs", "diff", "r1", "r2");
        Assert.Equal(2, diff.GetProperty("first_difference").GetInt32());
        Assert.Equal([true, false, true, true], diff.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("same").GetBoolean()));
        CliRun run = await RunAsync("runs", "diff", "r1", "r2");
        Assert.Contains("first difference at step 2", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_WhatExportWrote_IsTheSameRunInAnotherJournal()
    {
        await RecordAsync("r1", [.. SomeRun.Events.Take(3)]);
        CliRun export = await RunAsync("runs", "export", "r1", "--out", _data["run.json"]);
        Assert.Equal(0, export.ExitCode);
        CliRun toOutput = await RunAsync("runs", "export", "r1");
        Assert.Equal(File.ReadAllText(_data["run.json"]), toOutput.Out);

        string[] import = ["runs", "import", _data["run.json"], "--data", _data["other"], "--json"];
        CliRun imported = await CliRun.OfAsync(import);
        JsonElement run = JsonElement.Parse(imported.Out);
        Assert.Equal(("r1", "interrupted", 2), (run.GetProperty("run_id").GetString(), run.GetProperty("status").GetString(), run.GetProperty("steps").GetArrayLength()));
        Assert.Equal(2, (await CliRun.OfAsync(import)).ExitCode);
        Assert.Equal(2, (await RunAsync("runs", "import", _data["nothing.json"])).ExitCode);
    }

    [Fact]
    public async Task Approve_RunOfAnotherProgram_RecordsTheDecisionAndSaysWhoGoesOn()
    {
        await RecordAsync("r1", [
            SomeRun.Started(), SomeRun.Replied(1, SomeRun.Call),
            new AgentEvent.ApprovalRequested(2, SomeRun.Call, null, SideEffect.LocalWrite), new AgentEvent.RunWaiting(["call_1"], [])]);
        Assert.Contains("agentkit runs approve r1 call_1", (await RunAsync("runs", "show", "r1")).Error, StringComparison.Ordinal);
        CliRun approved = await RunAsync("runs", "approve", "r1", "call_1", "--scope", "always");
        Assert.Equal(2, approved.ExitCode);
        Assert.Contains("was not started by 'agentkit run'", approved.Error, StringComparison.Ordinal);
        Assert.Contains("\"tool\": \"add\"", File.ReadAllText(_data["approvals.json"]), StringComparison.Ordinal);
        JsonElement shown = await JsonAsync("runs", "show", "r1");
        Assert.Equal(0, shown.GetProperty("waiting").GetArrayLength());
    }

    [Fact]
    public async Task Reject_Always_ForbidsTheToolFromNowOn()
    {
        await RecordAsync("r1", [
            SomeRun.Started(), SomeRun.Replied(1, SomeRun.Call),
            new AgentEvent.ApprovalRequested(2, SomeRun.Call, "npx files", SideEffect.LocalWrite), new AgentEvent.RunWaiting(["call_1"], [])]);
        JsonElement rejected = await JsonAsync("runs", "reject", "r1", "call_1", "--always", "--later");
        Assert.Contains("was not approved", rejected.GetProperty("steps")[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        JsonElement rule = Assert.Single(JsonElement.Parse(File.ReadAllText(_data["approvals.json"])).EnumerateArray());
        Assert.Equal(("npx files", "add", "deny"), (Text(rule, "server"), Text(rule, "tool"), Text(rule, "answer")));
    }

    [Fact]
    public async Task DeadLetters_OfAnActorThatAlwaysThrows_AreShownInAnotherProcess()
    {
        var never = new ActorKindOptions { MaxRestarts = 0 };
        await using (var letters = new SqliteDeadLetters(_data["journal.db"]))
        {
            await using var actors = new ActorSystem(new ActorSystemOptions { OnDeadLetter = letters.Add });
            actors.Register("mail", _ => new Thrower(), never);
            var id = new ActorId("mail", "ada");
            foreach (string message in new[] { "one", "two", "three" }) actors.Tell(id, message);
        }

        JsonElement[] shown = [.. (await JsonAsync("runs", "dead-letters")).GetProperty("dead_letters").EnumerateArray()];
        Assert.Equal(["three", "two", "one"], shown.Select(letter => Text(letter, "message")));
        Assert.Equal(["down", "down", "failed"], shown.Select(letter => Text(letter, "reason")));
        Assert.All(shown, letter => Assert.Equal(("mail/ada", "FormatException: cannot be sent"), (Text(letter, "actor"), Text(letter, "error"))));
        Assert.Equal(3, (await JsonAsync("runs", "list")).GetProperty("dead_letters").GetInt32());
        CliRun people = await RunAsync("runs", "dead-letters", "--limit", "1");
        Assert.Contains("mail/ada  down  three  FormatException: cannot be sent", people.Error, StringComparison.Ordinal);
        Assert.Single(people.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, (await RunAsync("runs", "dead-letters", "--limit", "0")).ExitCode);
    }

    [Fact]
    public async Task DeadLetters_NoneEver_SaysSo()
    {
        Assert.Equal(0, (await JsonAsync("runs", "dead-letters")).GetProperty("dead_letters").GetArrayLength());
        await RecordAsync("r1", SomeRun.Events);
        Assert.Equal(0, (await JsonAsync("runs", "list")).GetProperty("dead_letters").GetInt32());
        Assert.Contains("no dead letters", (await RunAsync("runs", "dead-letters")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_RunWithAnAgentAsTool_ShowsTheInnerRunBelowItsCall()
    {
        await RecordAsync("r1", SomeRun.Events);
        await RecordAsync(ToolCallKey.Of("r1", 2, "call_1"), [SomeRun.Started(), SomeRun.Replied(1), SomeRun.Finished]);
        JsonElement[] spans = [.. (await JsonAsync("runs", "trace", "r1")).GetProperty("spans").EnumerateArray()];
        Assert.Contains((0, "invoke_agent agent"), spans.Select(Place));
        int call = Array.FindIndex(spans, span => Place(span) == (1, "execute_tool add") && !span.GetProperty("failed").GetBoolean());
        Assert.Equal([(2, "invoke_agent agent"), (3, "chat nano")], spans.Skip(call + 1).Take(2).Select(Place));
        Assert.Equal(10, spans.First(span => Text(span, "name") == "chat nano").GetProperty("usage").GetProperty("input_tokens").GetInt32());
        Assert.All(spans, span => Assert.True(span.GetProperty("start_ms").GetDouble() >= 0));
        CliRun people = await RunAsync("runs", "trace", "r1");
        Assert.Contains("execute_tool add", people.Error, StringComparison.Ordinal);

        static (int Depth, string Name) Place(JsonElement span) => (span.GetProperty("depth").GetInt32(), Text(span, "name"));
    }

    [Fact]
    public async Task Trace_RunThatWasKilledInATool_LeavesItsEndOpen()
    {
        await RecordAsync("r1", [.. SomeRun.Events.Take(3)]);
        JsonElement[] spans = [.. (await JsonAsync("runs", "trace", "r1")).GetProperty("spans").EnumerateArray()];
        JsonElement open = Assert.Single(spans, span => Text(span, "name") == "execute_tool add");
        Assert.Equal(JsonValueKind.Null, open.GetProperty("ms").ValueKind);
        Assert.Contains("unknown", Text(open, "note"), StringComparison.Ordinal);
        Assert.Contains("?", (await RunAsync("runs", "trace", "r1")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fork_StepThatIsNotThere_NamesTheOption()
    {
        var settings = new Dictionary<string, string> { ["model"] = "nano", ["root"] = _data.Path, ["max_steps"] = "3", ["approve"] = "never" };
        await RecordAsync("r1", [SomeRun.Started() with { Settings = settings }, .. SomeRun.Events.Skip(1)]);
        CliRun fork = await RunAsync("runs", "fork", "r1", "--at", "9");
        Assert.Equal(2, fork.ExitCode);
        Assert.StartsWith("error: --at is 9", fork.Error, StringComparison.Ordinal);
        JsonElement made = await JsonAsync("runs", "fork", "r1", "--at", "2", "--later");
        Assert.Equal("r1", made.GetProperty("parent").GetProperty("run_id").GetString());
        Assert.Equal(2, made.GetProperty("steps").GetArrayLength());
    }

    [Fact]
    public async Task Resume_NothingInterrupted_SaysSo()
    {
        await RecordAsync("r1", SomeRun.Events);
        JsonElement resumed = await JsonAsync("runs", "resume");
        Assert.Equal(0, resumed.GetProperty("runs").GetArrayLength());
        Assert.Equal("865", (await RunAsync("runs", "resume", "r1")).Out.Trim());
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private sealed class Thrower : Actor
    {
        public override ValueTask ReceiveAsync(object message, ActorContext context) => throw new FormatException("cannot be sent");
    }

    private async Task RecordAsync(string id, IReadOnlyList<AgentEvent> events)
    {
        await using SqliteJournal journal = SqliteJournal.Open(_data["journal.db"]);
        await journal.AppendAsync(id, 0, [((AgentEvent.RunStarted)events[0]) with { Owner = $"{Environment.MachineName}/1/never" }, .. events.Skip(1)]);
    }

    private Task<CliRun> RunAsync(params string[] args) => CliRun.OfAsync([.. args, "--data", _data.Path]);

    private async Task<JsonElement> JsonAsync(params string[] args)
    {
        CliRun run = await RunAsync([.. args, "--json"]);
        Assert.True(run.Out.Length > 0, run.Error);
        return JsonElement.Parse(run.Out);
    }
}
