using AgentKit.Eval;
using AgentKit.Eval.Comparison;
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
        Assert.InRange(12 / 220.0, task.Ci95[0], task.Ci95[1]);
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
    public void Compare_NoRun_IsRefused() => Assert.Throws<UserInputException>(() => RunComparison.Compare(_folder.Path, _folder.Path));

    [Fact]
    public void PassHatK_OfAttempts_IsTheShareOfDrawsThatAreAllRight()
    {
        Assert.Equal(0.5, Proportion.PassHatK(4, 2, 1), 12);
        Assert.Equal(1 / 6.0, Proportion.PassHatK(4, 2, 2), 12);
        Assert.Equal(0, Proportion.PassHatK(4, 2, 3), 12);
        Assert.Equal(1, Proportion.PassHatK(4, 4, 4), 12);
    }

    private async Task RunAsync(string name, int samples, Func<int, double> grade, EvalOptions? options = null) =>
        await new EvalRun(new ScriptedSubject { Signature = $"model:{name}" }, options)
            .RunAsync([new ScriptedTask(samples, grade)], TaskData.Samples, _folder[name]);
}
