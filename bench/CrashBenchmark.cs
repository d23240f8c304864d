using System.Diagnostics;
using System.Globalization;
using AgentKit.Agents.Crash;
using AgentKit.Tests.Support;

namespace AgentKit.Bench;

/// <summary>Kills a program at every append to its journal and at 200 random times, and counts what is lost or done twice.</summary>
internal static class CrashBenchmark
{
    public static async Task RunAsync()
    {
        using var folder = new BenchFolder();
        long started = Stopwatch.GetTimestamp();
        CrashReport report = await CrashTest.RunAsync(new CrashPlan
        {
            Start = () => CrashProgram.Start(typeof(CrashBenchmark).Assembly.Location, folder.Root),
            OpenJournal = () => CrashProgram.OpenJournal(folder.Root),
            RandomKills = 200,
            LongestLife = TimeSpan.FromSeconds(1.5),
            Seed = 20261122,
        });
        string[] effects = [.. CrashProgram.CheckEffects(CrashProgram.Ledger(folder.Root), report.Runs)];
        Console.WriteLine(report);
        Console.WriteLine($"{effects.Length} effects lost or done twice");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds:0} s"));
        foreach (string fault in report.Faults.Concat(effects)) Console.WriteLine(fault);
    }
}
