using System.Text.Json;

namespace AgentKit.Bench.Learning;

/// <summary>The curves of training runs as a table.</summary>
internal static class LearningCurves
{
    private const int Points = 10;
    private const string Earned = "reward_tool_calls";

    /// <summary>Each run's loss, or the share of right calls among its samples, as means over tenths of its steps.</summary>
    /// <param name="folder">Where the runs' folders are.</param>
    /// <param name="runs">Their names.</param>
    public static void Print(string folder, IReadOnlyList<string> runs)
    {
        Console.WriteLine();
        BenchReport.PrintHeader(["curve, means over tenths of the steps", "steps", .. Enumerable.Range(1, Points).Select(point => $"{point}")]);
        foreach (string run in runs)
        {
            JsonElement[] steps = [.. File.ReadLines(Path.Combine(folder, run, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
            bool rewarded = Find(steps[0], Earned) is not null;
            double[] values = [.. steps.Select(step => (rewarded ? Find(step, Earned) : null) ?? step.GetProperty("loss").GetDouble())];
            object[] means = [.. Enumerable.Range(0, Points).Select(point => Mean(values, point))];
            BenchReport.PrintRow([$"{run}, {(rewarded ? "right calls of its samples" : "loss")}", steps.Length, .. means]);
        }
    }

    private static string Mean(double[] values, int point)
    {
        int first = values.Length * point / Points, end = Math.Max(first + 1, values.Length * (point + 1) / Points);
        return $"{values[first..end].Average():0.00}";
    }

    private static double? Find(JsonElement step, string metric) =>
        step.TryGetProperty("metrics", out JsonElement metrics) && metrics.TryGetProperty(metric, out JsonElement value) ? value.GetDouble() : null;
}
