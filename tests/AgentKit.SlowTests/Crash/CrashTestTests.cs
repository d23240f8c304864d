using AgentKit.Agents.Crash;
using AgentKit.Kernel.Runs;
using AgentKit.Testing;
using AgentKit.Tests.Support;

namespace AgentKit.SlowTests.Crash;

/// <summary>Real processes, killed for real. <c>bench crash</c> does the same with 200 random kills.</summary>
public class CrashTestTests
{
    [Fact]
    public async Task Kill_AtEveryAppendAndAtRandomTimes_LosesNothingAndDoesNothingTwice()
    {
        using var scratch = new ScratchFolder();
        CrashReport report = await CrashTest.RunAsync(new CrashPlan
        {
            Start = () => CrashProgram.Start(typeof(CrashTestTests).Assembly.Location, scratch.Path),
            OpenJournal = () => CrashProgram.OpenJournal(scratch.Path),
            RandomKills = 25,
            LongestLife = TimeSpan.FromSeconds(1.5),
            Seed = 20261122,
        });

        Assert.Empty(report.Faults);
        Assert.Empty(CrashProgram.CheckEffects(CrashProgram.Ledger(scratch.Path), report.Runs));
        Assert.True(report.Kills >= 30, report.ToString());
        Assert.Equal(report.Runs.Count, report.Count(RunStatus.Completed) + report.Count(RunStatus.Waiting));
        Assert.All(
            report.Runs.SelectMany(run => run.Waiting), call => Assert.Equal(("unsafe", true), (call.Name, call.OutcomeUnknown)));
    }
}
