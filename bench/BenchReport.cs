using System.Globalization;
using AgentKit.Models;

namespace AgentKit.Bench;

/// <summary>Prints results as Markdown, so that a run can be committed under bench/results as it is.</summary>
internal static class BenchReport
{
    public static void PrintMachine()
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        NativeRuntimeInfo runtime = NativeRuntime.Probe();
        string cpu = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").First(l => l.StartsWith("model name", StringComparison.Ordinal)).Split(':')[1].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown CPU";
        Console.WriteLine($"- machine: {cpu}, {CpuQuota.UsableCpus} usable CPUs, .NET {Environment.Version}");
        Console.WriteLine($"- llama.cpp {runtime.Version}, CPU variant {runtime.CpuVariant}");
        Console.WriteLine($"- date: {TimeProvider.System.GetUtcNow():yyyy-MM-dd}, commit: {Commit()}");
        Console.WriteLine();
    }

    public static void PrintRow(params object[] cells) => Console.WriteLine($"| {string.Join(" | ", cells)} |");

    public static void PrintHeader(params string[] names)
    {
        PrintRow([.. names]);
        PrintRow([.. names.Select(_ => (object)"---")]);
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static string Commit()
    {
        using var git = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("git", "describe --always --dirty")
        {
            RedirectStandardOutput = true,
        });
        return git?.StandardOutput.ReadToEnd().Trim() ?? "unknown";
    }
}
