using System.Text.Json;

namespace AgentKit.Bench.Learning;

/// <summary>The curves of training runs as a table.</summary>
internal static class LearningCurves
{
    private const int Points = 10;

    /// <summary>What can be shown of every run, and of those that are rewarded: the share of right calls among their samples.</summary>
    public const string Loss = "loss", Earned = "reward_tool_calls";

    /// <summary>What runs measured at their steps, as means over tenths of them.</summary>
    /// <param name="folder">Where the runs' folders are.</param>
    /// <param name="curves">Names of runs, and of what they measured.</param>
    public static void Print(string folder, IReadOnlyList<(string Run, string Measure)> curves)
    {
        Console.WriteLine();
        BenchReport.PrintHeader(["curve, means over tenths of the steps", "steps", .. Enumerable.Range(1, Points).Select(point => $"{point}")]);
        foreach ((string run, string measure) in curves)
        {
            JsonElement[] steps = [.. File.ReadLines(Path.Combine(folder, run, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
            double[] values = [.. steps.Select(step => (measure == Loss ? step : step.GetProperty("metrics")).GetProperty(measure).GetDouble())];
            object[] means = [.. Enumerable.Range(0, Points).Select(point => Mean(values, point))];
            BenchReport.PrintRow([$"{run}, {(measure == Earned ? "right calls of its samples" : measure.Replace('_', ' '))}", steps.Length, .. means]);
        }
    }

    private static string Mean(double[] values, int point)
    {
        int first = values.Length * point / Points, end = Math.Max(first + 1, values.Length * (point + 1) / Points);
        double mean = values[first..end].Average();
        return Math.Abs(mean) < 0.1 ? $"{mean:0.0000}" : $"{mean:0.00}";
    }
}
