using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Eval;
using AgentKit.Eval.Report;
using Spectre.Console;

namespace AgentKit.Cli.Eval;

/// <summary>What <c>eval run</c> shows on the screen.</summary>
internal static class EvalRunTable
{
    public static void Print(CommandContext context, EvalResult result, string folder)
    {
        var table = new Table().Border(TableBorder.None).AddColumns("task", "v", "metric", "value", "95 %", "n", "errors");
        foreach (TaskResult task in result.Tasks)
        {
            foreach (MetricResult metric in task.Metrics)
            {
                bool main = metric.Metric == task.Metric;
                string[] cells =
                [
                    main ? task.Task : "", main ? $"{task.Version}"
                        : "", metric.Metric, Number(metric.Value), IntervalText.Of(metric.Ci95),
                    main ? $"{task.N}" : "", main ? $"{task.Errors}" : "",
                ];
                table.AddRow([.. cells.Select(Markup.Escape)]);
            }
        }

        context.Screen.Show(table);
        foreach (TaskResult task in result.Tasks)
        {
            if (task.Batching is { } batching) context.Screen.Progress($"[grey]{Markup.Escape($"{task.Task}: {BatchingText.Of(batching)}")}[/]");
        }

        Warn(context, result);
        context.Screen.Progress($"[grey]{Markup.Escape(result.Signature)}[/]");
        context.Screen.Progress($"[grey]report: {Markup.Escape(Path.Combine(folder, RunReport.HtmlName))}[/]");
    }

    private static void Warn(CommandContext context, EvalResult result)
    {
        foreach (FailedTask task in result.Failed)
        {
            context.Screen.Notice(
                $"error: {task.Task} has no number: all of its {task.Samples} samples failed; the first: {task.Failures[0].Id}: {task.Failures[0].Error}");
        }

        foreach (string warning in result.Judge?.Warnings ?? []) context.Screen.Notice($"warning: the judge: {warning}");
        foreach (TaskResult task in result.Tasks)
        {
            if (task.Errors > 0)
            {
                SampleFailure first = task.Failures[0];
                context.Screen.Notice(
                    $"warning: {task.Task}: {task.Errors} of {task.Samples} samples failed and count neither as right nor as wrong; the first: {first.Id}: {first.Error}");
            }

            double? longest = task.Metrics.FirstOrDefault(metric => metric.Metric == "longest_baseline")?.Value;
            if (task.Value <= longest)
            {
                context.Screen.Notice(
                    $"warning: {task.Task}: as a judge the model is right in {Number(task.Value)}; always taking the longer answer is right in {Number(longest.Value)}.");
            }
        }
    }

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
