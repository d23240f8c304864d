using AgentKit.Eval;
using AgentKit.Eval.Comparison;
using AgentKit.Eval.Report;
using AgentKit.Eval.Statistics;
using AgentKit.Eval.Tasks;
using AgentKit.Kernel.Errors;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval;

public sealed class RunComparisonTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Compare_RightOrWrong_IsMcNemarsExactTestBySampleId()
    {
        // 220 samples; 150 right in both, 2 only in A, 14 only in B.
        await RunAsync("a", 220, i => i < 152 ? 1 : 0);
        await RunAsync("b", 220, i => i < 150 || (i >= 152 && i < 166) ? 1 : 0);
        TaskComparison task = Assert.Single(RunComparison.Compare(_folder["a"], _folder["b"]));
        Assert.Equal(("mcnemar_exact", 220, 0, 2, 14), (task.Test, task.N, task.Unpaired, task.OnlyA, task.OnlyB));
        Assert.Equal(McNemar.Exact(2, 14), task.PValue, 15);
        Assert.Equal(0.00418, task.PValue, 5);
        Assert.Equal(12 / 220.0, task.Difference, 12);
        Assert.InRange(12 / 220.0, task.Ci95![0], task.Ci95[1]);
        Assert.True(task.Significant);
        Assert.InRange(task.MinimumDetectable, 0.03, 0.08);
    }

    [Fact]
    public async Task Compare_ARunWithItself_FindsNothing()
    {
        await RunAsync("a", 50, i => i % 2);
        TaskComparison same = Assert.Single(RunComparison.Compare(_folder["a"], _folder["a"]));
        Assert.Equal((0, 1.0, false), (same.Difference, same.PValue, same.Significant));
        Assert.True(same.MinimumDetectable > 0);
    }

    [Fact]
    public async Task Compare_Shares_UsesThePairedBootstrap()
    {
        await RunAsync("a", 80, i => i % 10 / 10.0);
        await RunAsync("b", 80, i => Math.Min(1, i % 10 / 10.0 + 0.05));
        TaskComparison task = Assert.Single(RunComparison.Compare(_folder["a"], _folder["b"], resamples: 1000));
        Assert.Equal("paired_bootstrap", task.Test);
        Assert.Null(task.OnlyA);
        Assert.Equal(1 / 1001.0, task.PValue, 12);
    }

    [Fact]
    public async Task Compare_DifferentSamples_PairsThoseOfBoth()
    {
        await RunAsync("a", 50, i => i % 2, new() { Limit = 30 });
        await RunAsync("b", 50, i => i % 2);
        TaskComparison task = Assert.Single(RunComparison.Compare(_folder["a"], _folder["b"]));
        Assert.Equal((30, 20), (task.N, task.Unpaired));
    }

    [Fact]
    public async Task Compare_TasksAskedDifferently_IsRefused()
    {
        await RunAsync("a", 50, i => i % 2);
        await RunAsync("b", 50, i => i % 2, new() { Shots = 3 });
        UserInputException e = Assert.Throws<UserInputException>(() => RunComparison.Compare(_folder["a"], _folder["b"]));
        Assert.Contains("shots is 0 there and 3 here", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_ClustersOfDifferentSize_ReportsTheNumbersOfTheRuns()
    {
        string Cluster(int i) => i < 20 ? "large" : $"{i / 2}";
        EvalResult a = await RunAsync("a", 40, i => i % 7 / 7.0, cluster: Cluster), b = await RunAsync("b", 40, i => i % 5 / 5.0, cluster: Cluster);
        TaskComparison task = Assert.Single(RunComparison.Compare(_folder["a"], _folder["b"], resamples: 1000));
        Assert.Equal((11, "paired_bootstrap"), (task.N, task.Test));
        Assert.Equal(a.Tasks[0].Value, task.A, 12);
        Assert.Equal(b.Tasks[0].Value, task.B, 12);
        Assert.InRange(task.Difference, task.Ci95![0], task.Ci95[1]);
    }

    [Theory]
    [InlineData(10, "document", 1.0)]
    [InlineData(3, null, 0.25)]
    public async Task Compare_OneClusterOrFewSamples_ClaimsNothing(int samples, string? cluster, double leastP)
    {
        await RunAsync("a", samples, _ => 0.2, cluster: _ => cluster);
        await RunAsync("b", samples, _ => 0.9, cluster: _ => cluster);
        TaskComparison task = Assert.Single(RunComparison.Compare(_folder["a"], _folder["b"], resamples: 1000));
        Assert.Equal((leastP, false), (task.PValue, task.Significant));
        Assert.Equal(cluster is not null, task.Ci95 is null);
    }

    [Fact]
    public async Task Uncompared_TasksWithoutTwoNumbers_AreNamed()
    {
        EvalTask[] Tasks(params string[] more) => [new ScriptedTask(4, i => i % 2), .. more.Select(TaskCatalog.Find)];
        await new EvalRun(new ScriptedSubject()).RunAsync(Tasks("arc_easy", "piqa"), TaskData.Samples, _folder["a"]);
        await new EvalRun(new ScriptedSubject { Score = _ => throw new IOException("gone") })
            .RunAsync(Tasks("arc_easy"), TaskData.Samples, _folder["b"]);
        Assert.Equal("scripted", Assert.Single(RunComparison.Compare(_folder["a"], _folder["b"])).Task);
        IReadOnlyList<UncomparedTask> left = RunComparison.Uncompared(_folder["a"], _folder["b"]);
        Assert.Equal([new("arc_easy", "measured", "failed"), new("piqa", "measured", "absent")], left);
        Assert.Equal([true, false], left.Select(task => task.IsFailure));
        Assert.Empty(RunComparison.Uncompared(_folder["a"], _folder["a"]));
        RunReport.WriteComparison(_folder["a"], _folder["b"], RunComparison.Compare(_folder["a"], _folder["b"]), _folder["changed.html"]);
        Assert.Contains("piqa is not compared: it has a number in A and was not run in B.", File.ReadAllText(_folder["changed.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_NoRun_IsRefused() => Assert.Throws<UserInputException>(() => RunComparison.Compare(_folder.Path, _folder.Path));

    [Fact]
    public void PassHatK_OfAttempts_IsTheShareOfDrawsThatAreAllRight()
    {
        Assert.Equal(0.5, Proportion.PassHatK(4, 2, 1), 12);
        Assert.Equal(1 / 6.0, Proportion.PassHatK(4, 2, 2), 12);
        Assert.Equal(0, Proportion.PassHatK(4, 2, 3), 12);
        Assert.Equal(1, Proportion.PassHatK(4, 4, 4), 12);
    }

    private Task<EvalResult> RunAsync(
        string name, int samples, Func<int, double> grade, EvalOptions? options = null, Func<int, string?>? cluster = null) =>
        new EvalRun(new ScriptedSubject { Signature = $"model:{name}" }, options)
            .RunAsync([new ScriptedTask(samples, grade) { Cluster = cluster ?? (_ => null) }], TaskData.Samples, _folder[name]);
}
