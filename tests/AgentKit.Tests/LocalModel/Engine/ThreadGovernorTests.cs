using AgentKit.Models.Engine;

namespace AgentKit.Tests.Models.Engine;

public sealed class ThreadGovernorTests
{
    [Fact]
    public void Choose_FreeCores_StaysWithAllThreads()
    {
        ThreadGovernor governor = new(8);
        int[] chosen = Run(governor, 400, threads => 1.0 / threads);
        Assert.True(chosen.Count(c => c == 8) > 380);
    }

    [Fact]
    public void Choose_CoresAreTaken_FallsBackAndReturnsWhenTheyAreFree()
    {
        ThreadGovernor governor = new(4);
        Run(governor, 100, threads => 1.0 / threads);
        int[] busy = Run(governor, 100, threads => threads > 1 ? 50.0 : 1.0);
        Assert.All(busy[^50..], count => Assert.InRange(count, 1, 2));
        Assert.True(busy[^50..].Count(count => count == 1) >= 48);
        int[] free = Run(governor, 4_000, threads => 1.0 / threads);
        Assert.Equal(4, free[^1]);
    }

    [Fact]
    public void Choose_CoresAreTakenFromTheStart_LittleTimeIsLost()
    {
        int[] busy = Run(new(2), 1_000, threads => threads > 1 ? 90.0 : 1.0);
        Assert.Equal(1, busy[1]);
        Assert.InRange(busy.Count(count => count == 2), 1, 3);
    }

    [Fact]
    public void Choose_SizesOfSteps_AreJudgedApart()
    {
        ThreadGovernor governor = new(2);
        for (int i = 0; i < 200; i++)
        {
            int small = governor.Choose(1);
            governor.Record(1, TimeSpan.FromMilliseconds(small == 1 ? 1 : 2));
            int large = governor.Choose(512);
            governor.Record(512, TimeSpan.FromMilliseconds(large == 1 ? 200 : 100));
        }

        Assert.Equal(1, governor.Choose(1));
        Assert.Equal(2, governor.Choose(512));
    }

    [Fact]
    public void Choose_OneThread_IsOneThread() => Assert.All(Run(new(1), 50, _ => 1), count => Assert.Equal(1, count));

    private static int[] Run(ThreadGovernor governor, int steps, Func<int, double> milliseconds)
    {
        int[] chosen = new int[steps];
        for (int i = 0; i < steps; i++)
        {
            chosen[i] = governor.Choose(1);
            governor.Record(1, TimeSpan.FromMilliseconds(milliseconds(chosen[i])));
        }

        return chosen;
    }
}
