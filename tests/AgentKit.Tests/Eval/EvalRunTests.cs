using AgentKit.Eval;
using AgentKit.Eval.Report;
using AgentKit.Eval.Runs;
using AgentKit.Eval.Subjects;
using AgentKit.Eval.Tasks;
using AgentKit.Kernel.Errors;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval;

public sealed class EvalRunTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RunAsync_OneSampleInAHundredFails_TheOthersAreScoredAndTheErrorsListed()
    {
        var subject = new ScriptedSubject { Reply = request =>
            int.Parse(request.SampleId, null) % 100 == 37 ? throw new InvalidOperationException("no answer") : new("text") };
        EvalResult result = await new EvalRun(subject, new() { Parallel = 4 })
            .RunAsync([new ScriptedTask(1000, i => i % 2)], TaskData.Samples, _folder["run"]);
        TaskResult task = Assert.Single(result.Tasks);
        Assert.Equal((990, 10, 1000), (task.N, task.Errors, task.Samples));
        Assert.Equal(490 / 990.0, task.Value, 12);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{100 * i + 37}"), task.Failures.Select(failure => failure.Id));
        Assert.All(task.Failures, failure => Assert.Equal("InvalidOperationException: no answer", failure.Error));
        Assert.Equal(2, task.Ci95!.Count);
    }

    [Fact]
    public async Task RunAsync_AnInputThatDoesNotFit_IsNamedWithoutTheKindOfException()
    {
        var subject = new ScriptedSubject { Reply = request =>
            request.SampleId == "1" ? throw new UserInputException("messages", "The prompt has 9 tokens.") : new("text") };
        EvalResult result = await new EvalRun(subject).RunAsync([new ScriptedTask(3, _ => 1)], TaskData.Samples, _folder["run"]);
        Assert.Equal("The prompt has 9 tokens.", Assert.Single(Assert.Single(result.Tasks).Failures).Error);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task RunAsync_InterruptedAndResumed_LeavesTheSameFiles(int parallel)
    {
        EvalTask[] Tasks() => [new ScriptedTask(60, i => i % 3 == 0 ? 1 : 0), TaskCatalog.Find("arc_easy"), TaskCatalog.Find("mmlu")];
        await new EvalRun(new ScriptedSubject(), new() { Parallel = parallel }).RunAsync(Tasks(), TaskData.Samples, _folder["whole"]);
        for (int stopAfter = 1; stopAfter < 60; stopAfter += 13)
        {
            using var stop = new CancellationTokenSource();
            int asked = 0;
            var dying = new ScriptedSubject { Reply = request =>
                Interlocked.Increment(ref asked) > stopAfter ? Stopped(stop) : new(request.Prompt.Text) };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new EvalRun(dying, new() { Parallel = parallel })
                .RunAsync(Tasks(), TaskData.Samples, _folder[$"cut{stopAfter}"], null, stop.Token));
            Assert.Throws<UserInputException>(() => RunFolder.Load(_folder[$"cut{stopAfter}"]));
            // A process killed while it writes leaves part of a line.
            File.AppendAllText(_folder[$"cut{stopAfter}/scripted.samples.jsonl"], "{\"id\":\"59\",\"key\":\"ab");
            var again = new ScriptedSubject();
            await new EvalRun(again, new() { Parallel = parallel, Resume = true })
                .RunAsync(Tasks(), TaskData.Samples, _folder[$"cut{stopAfter}"]);
            Assert.InRange(again.Generated.Count, 60 - stopAfter - parallel, 60 - stopAfter);
            foreach (string file in Directory.EnumerateFiles(_folder["whole"]))
                Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_folder[$"cut{stopAfter}"], Path.GetFileName(file))));
        }
    }

    [Fact]
    public async Task RunAsync_ResumedWithFailures_TriesThoseAgainAndNothingElse()
    {
        var failing = new ScriptedSubject { Reply = request => request.SampleId == "3" ? throw new IOException("gone") : new("text") };
        await new EvalRun(failing).RunAsync([new ScriptedTask(5, _ => 1)], TaskData.Samples, _folder["run"]);
        var mended = new ScriptedSubject { Reply = _ => new("text") };
        EvalResult result = await new EvalRun(mended, new() { Resume = true })
            .RunAsync([new ScriptedTask(5, _ => 1)], TaskData.Samples, _folder["run"]);
        Assert.Equal("3", Assert.Single(mended.Generated).SampleId);
        Assert.Equal((5, 0), (result.Tasks[0].N, result.Tasks[0].Errors));
    }

    [Fact]
    public async Task RunAsync_FolderOfAnotherRun_IsRefusedWithTheDifference()
    {
        await new EvalRun(new ScriptedSubject()).RunAsync([new ScriptedTask(3, _ => 1)], TaskData.Samples, _folder["run"]);
        UserInputException again = await Assert.ThrowsAsync<UserInputException>(
            () => new EvalRun(new ScriptedSubject()).RunAsync([new ScriptedTask(3, _ => 1)], TaskData.Samples, _folder["run"]));
        Assert.Contains("--resume", again.Message, StringComparison.Ordinal);
        var other = new ScriptedSubject { Signature = "model:another" };
        UserInputException differs = await Assert.ThrowsAsync<UserInputException>(
            () => new EvalRun(other, new() { Resume = true }).RunAsync([new ScriptedTask(3, _ => 1)], TaskData.Samples, _folder["run"]));
        Assert.Contains("model is scripted there and another here", differs.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_LogOfHellaSwagWithoutAllItsMetrics_IsRefused()
    {
        Task<EvalResult> RunAsync(bool resume) => new EvalRun(new ScriptedSubject(), new() { Resume = resume })
            .RunAsync([TaskCatalog.Find("hellaswag")], TaskData.Samples, _folder["run"]);
        await RunAsync(resume: false);
        // As version 1 wrote it, before there was acc_llama.
        File.WriteAllText(_folder["run/run.json"], File.ReadAllText(_folder["run/run.json"]).Replace("|v:2|", "|v:1|", StringComparison.Ordinal));
        string log = _folder["run/hellaswag.samples.jsonl"];
        File.WriteAllText(log, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(log), ",\"acc_llama\":[01]", ""));
        UserInputException e = await Assert.ThrowsAsync<UserInputException>(() => RunAsync(resume: true));
        Assert.Contains("v is 1 there and 2 here", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_FolderInUse_IsRefused()
    {
        using RunFolder held = RunFolder.Open(_folder["run"], new(1, "", new Dictionary<string, string>()), resume: false);
        UserInputException e = await Assert.ThrowsAsync<UserInputException>(
            () => new EvalRun(new ScriptedSubject()).RunAsync([new ScriptedTask(3, _ => 1)], TaskData.Samples, _folder["run"]));
        Assert.Contains("another process", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_Shards_ShareTheSamplesAndTheirLogsJoinToTheWhole()
    {
        foreach (int shard in new[] { 1, 2, 3 })
            await new EvalRun(new ScriptedSubject(), new() { Shard = shard, Shards = 3 })
                .RunAsync([new ScriptedTask(10, i => i % 2)], TaskData.Samples, _folder[$"{shard}"]);
        string[] logs = [.. new[] { 1, 2, 3 }.Select(shard => File.ReadAllText(_folder[$"{shard}/scripted.samples.jsonl"]))];
        _folder.Write("all/scripted.samples.jsonl", string.Concat(logs));
        var idle = new ScriptedSubject();
        await new EvalRun(idle, new() { Resume = true }).RunAsync([new ScriptedTask(10, i => i % 2)], TaskData.Samples, _folder["all"]);
        Assert.Empty(idle.Generated);
        await new EvalRun(new ScriptedSubject()).RunAsync([new ScriptedTask(10, i => i % 2)], TaskData.Samples, _folder["whole"]);
        Assert.Equal(File.ReadAllText(_folder["whole/results.json"]), File.ReadAllText(_folder["all/results.json"]));
    }

    [Fact]
    public async Task RunAsync_AllSamplesFail_GivesNoNumber()
    {
        var failing = new ScriptedSubject { Reply = _ => throw new IOException("gone") };
        UserInputException e = await Assert.ThrowsAsync<UserInputException>(
            () => new EvalRun(failing).RunAsync([new ScriptedTask(3, _ => 1)], TaskData.Samples, _folder["run"]));
        Assert.Contains("none of 3 samples", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["run/results.json"]));
    }

    [Fact]
    public async Task RunAsync_AllSamplesOfOneTaskFail_TheOtherTasksHaveTheirNumbers()
    {
        var subject = new ScriptedSubject { Score = _ => throw new IOException("gone") };
        EvalTask[] Tasks() => [TaskCatalog.Find("arc_easy"), new ScriptedTask(3, i => i % 2), TaskCatalog.Find("mmlu")];
        EvalResult result = await new EvalRun(subject).RunAsync(Tasks(), TaskData.Samples, _folder["run"]);
        Assert.Equal("scripted", Assert.Single(result.Tasks).Task);
        Assert.Equal(["arc_easy", "mmlu"], result.Failed.Select(task => task.Task));
        Assert.All(result.Failed, task => Assert.Equal(task.Samples, task.Failures.Count));
        EvalResult written = RunFolder.Load(_folder["run"]).Result;
        Assert.Equal("IOException: gone", written.Failed[0].Failures[0].Error);
        RunReport.Write(_folder["run"]);
        Assert.Contains("arc_easy: no number", File.ReadAllText(_folder["run/report.md"]), StringComparison.Ordinal);
        Assert.Contains("arc_easy: no number", File.ReadAllText(_folder["run/report.html"]), StringComparison.Ordinal);
        EvalResult mended = await new EvalRun(new ScriptedSubject(), new() { Resume = true }).RunAsync(Tasks(), TaskData.Samples, _folder["run"]);
        Assert.Equal((3, 0), (mended.Tasks.Count, mended.Failed.Count));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("document")]
    public async Task RunAsync_OneSampleOrCluster_CanBeReadAgain(string? cluster)
    {
        int samples = cluster is null ? 1 : 3;
        await new EvalRun(new ScriptedSubject())
            .RunAsync([new ScriptedTask(samples, i => i * 0.4) { Cluster = _ => cluster }], TaskData.Samples, _folder["run"]);
        TaskResult task = Assert.Single(RunFolder.Load(_folder["run"]).Result.Tasks);
        Assert.Equal((samples, (double?)null), (task.N, task.Stderr));
        Assert.Equal(samples, RunFolder.LoadSamples(_folder["run"], "scripted").Count);
    }

    [Theory]
    [InlineData(1, null, 0.4, null)]
    [InlineData(3, "document", 0.4, null)]
    [InlineData(3, null, 0.4, null)]
    [InlineData(10, "document", 1, 0.206549)]
    [InlineData(3, null, 1, 0.438503)]
    public async Task RunAsync_ValuesWithoutSpread_AreNotTakenForCertain(int samples, string? cluster, double grade, double? lower)
    {
        await new EvalRun(new ScriptedSubject())
            .RunAsync([new ScriptedTask(samples, _ => grade) { Cluster = _ => cluster }], TaskData.Samples, _folder["run"]);
        TaskResult task = Assert.Single(RunFolder.Load(_folder["run"]).Result.Tasks);
        Assert.Equal(grade, task.Value, 12);
        Assert.Equal(lower is null, task.Ci95 is null);
        if (lower is { } expected) Assert.Equal([expected, 1], task.Ci95!.Select(end => Math.Round(end, 6)));
        RunReport.Write(_folder["run"]);
        Assert.Contains(lower is null ? "| – |" : " to 1.0000 |", File.ReadAllText(_folder["run/report.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_Parts_HaveIntervalsOfTheirOwn()
    {
        EvalResult result = await new EvalRun(new ScriptedSubject()).RunAsync([TaskCatalog.Find("mmlu")], TaskData.Samples, _folder["run"]);
        Assert.All(result.Tasks[0].Groups, group => Assert.InRange(group.Value, group.Ci95![0], group.Ci95[1]));
    }

    [Theory]
    [InlineData(1, 0f, "gen:greedy,")]
    [InlineData(3, 0.7f, "gen:temperature-0.7,")]
    public async Task RunAsync_SeveralAttempts_AreAllDrawnFromOneDistribution(int attempts, float temperature, string settings)
    {
        var subject = new ScriptedSubject { IsChat = true, Reply = _ => new("Done.") };
        EvalResult result = await new EvalRun(subject, new() { Attempts = attempts })
            .RunAsync([TaskCatalog.Find("shop_dialogues")], TaskData.Samples, _folder["run"]);
        Assert.All(subject.Generated, request => Assert.Equal(temperature, request.Temperature));
        Assert.Equal(Enumerable.Range(0, attempts).Select(i => (long)i), subject.Generated.Select(request => request.Seed).Distinct().Order());
        Assert.Contains(settings, result.Tasks[0].Signature, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ExamplesWhereNoneAreShown_IsRefused()
    {
        var subject = new ScriptedSubject { IsChat = true };
        UserInputException e = await Assert.ThrowsAsync<UserInputException>(
            () => new EvalRun(subject, new() { Shots = 2 }).RunAsync([TaskCatalog.Find("arc_easy"), TaskCatalog.Find("bfcl")], TaskData.Samples, _folder["run"]));
        Assert.Equal(("Shots", true), (e.Field, e.Message.Contains("bfcl", StringComparison.Ordinal)));
        EvalResult result = await new EvalRun(subject, new() { Shots = 0 }).RunAsync([TaskCatalog.Find("bfcl")], TaskData.Samples, _folder["run"]);
        Assert.Contains("|shots:0|", result.Tasks[0].Signature, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ExamplesOfRowsWithAType_AreDrawnFromAllRows()
    {
        string Row(int i, string type) => $$"""{"question": "question {{i}}", "answer": "answer {{i}}", "type": "{{type}}"}""";
        _folder.Write("data/hotpotqa/hotpot_dev_v1_simplified.json", $"[{Row(0, "bridge")}, {Row(1, "bridge")}, {Row(2, "comparison")}]");
        var subject = new ScriptedSubject();
        await new EvalRun(subject, new() { Shots = 2 }).RunAsync([TaskCatalog.Find("hotpotqa")], TaskData.Directory(_folder["data"]), _folder["run"]);
        Assert.All(subject.Generated, request => Assert.All(
            new[] { "question 0", "question 1", "question 2" }, question => Assert.Contains(question, request.Prompt.Text, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task RunAsync_ClusteredSamples_WidenTheInterval()
    {
        EvalResult alone = await new EvalRun(new ScriptedSubject())
            .RunAsync([new ScriptedTask(100, i => i / 10 % 2)], TaskData.Samples, _folder["alone"]);
        EvalResult together = await new EvalRun(new ScriptedSubject())
            .RunAsync([new ScriptedTask(100, i => i / 10 % 2) { Cluster = i => $"{i / 10}" }], TaskData.Samples, _folder["together"]);
        Assert.Equal(alone.Tasks[0].Value, together.Tasks[0].Value, 12);
        Assert.True(together.Tasks[0].Stderr > 2 * alone.Tasks[0].Stderr);
    }

    [Fact]
    public async Task RunAsync_ExamplesOutOfTheTask_AreThoseOfPythonsGenerator()
    {
        var subject = new ScriptedSubject();
        await new EvalRun(subject, new() { Shots = 2 }).RunAsync([new ScriptedTask(10, _ => 1)], TaskData.Samples, _folder["run"]);
        // random.Random(1234).sample(range(10), 3) is [7, 1, 0], the next draw [1, 0, 9].
        Assert.Equal("question 7 answer\n\nquestion 1 answer\n\nquestion 0", subject.Generated[0].Prompt.Text);
        Assert.Equal("question 0 answer\n\nquestion 9 answer\n\nquestion 1", subject.Generated[1].Prompt.Text);
    }

    [Theory]
    [InlineData("bfcl")]
    [InlineData("shop_dialogues")]
    [InlineData("llmbar")]
    public async Task RunAsync_ConversationWithoutTemplate_IsRefused(string task)
    {
        UserInputException refused = await Assert.ThrowsAsync<UserInputException>(
            () => new EvalRun(new ScriptedSubject()).RunAsync([TaskCatalog.Find(task)], TaskData.Samples, _folder["run"]));
        Assert.Equal("chat", refused.Field);
        Assert.Contains("--no-chat", refused.Message, StringComparison.Ordinal);
    }

    private static SubjectReply Stopped(CancellationTokenSource stop)
    {
        stop.Cancel();
        throw new OperationCanceledException(stop.Token);
    }
}
