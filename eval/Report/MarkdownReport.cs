using System.Globalization;
using System.Text;

namespace AgentKit.Eval.Report;

/// <summary>A run's tables as Markdown.</summary>
internal static class MarkdownReport
{
    public static string Of(EvalResult result)
    {
        var text = new StringBuilder("# Evaluation\n\n");
        text.Append("| task | version | metric | value | 95 % interval | samples | errors |\n|---|---|---|---|---|---|---|\n");
        foreach (TaskResult task in result.Tasks)
        {
            foreach (MetricResult metric in task.Metrics)
            {
                text.Append(CultureInfo.InvariantCulture,
                    $"| {Cell(task.Task)} | {task.Version} | {Cell(metric.Metric)} | {metric.Value:0.0000} | ");
                text.Append(CultureInfo.InvariantCulture, $"{IntervalText.Of(metric.Ci95)} | {task.N} | {task.Errors} |\n");
            }
        }

        foreach (TaskResult task in result.Tasks.Where(task => task.Groups.Count > 0))
        {
            text.Append(
                CultureInfo.InvariantCulture, $"\n## {task.Task}: {task.Metric} by part\n\n| part | samples | value | 95 % interval |\n|---|---|---|---|\n");
            foreach (GroupResult group in task.Groups)
                text.Append(CultureInfo.InvariantCulture, $"| {Cell(group.Group)} | {group.N} | {group.Value:0.0000} | {IntervalText.Of(group.Ci95)} |\n");
        }

        if (result.Judge is { } judge)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## The judge: {judge.Judge}\n\n");
            if (judge.Pairs > 0)
            {
                text.Append("| LLMBar pairs | right | longer answer | same in both orders | κ of orders | κ with people | for the longer |\n");
                text.Append(CultureInfo.InvariantCulture, $"|---|---|---|---|---|---|---|\n| {judge.Pairs} | {judge.Accuracy:0.0000} | ");
                text.Append(CultureInfo.InvariantCulture, $"{judge.LongestBaseline:0.0000} | {judge.Consistency:0.0000} | {judge.OrderKappa:0.00} | ");
                text.Append(CultureInfo.InvariantCulture, $"{judge.LabelKappa:0.00} | {judge.PrefersLonger:0.0000} |\n");
                text.Append(CultureInfo.InvariantCulture, $"| 95 % interval | {IntervalText.Of(judge.AccuracyCi95)} | | {IntervalText.Of(judge.ConsistencyCi95)} | ");
                text.Append(CultureInfo.InvariantCulture, $"{IntervalText.Of(judge.OrderKappaCi95)} | {IntervalText.Of(judge.LabelKappaCi95)} | |\n\n");
            }

            foreach (string warning in judge.Warnings) text.Append(CultureInfo.InvariantCulture, $"- {warning}\n");
        }

        if (result.Tasks.Any(task => task.Batching is not null)) text.Append("\n## Computed together and alone\n\n");
        foreach (TaskResult task in result.Tasks)
        {
            if (task.Batching is { } batching) text.Append(CultureInfo.InvariantCulture, $"- {task.Task}: {BatchingText.Of(batching)}\n");
        }

        Failures(text, result);
        text.Append("\n## Signatures\n\n");
        text.Append(CultureInfo.InvariantCulture, $"- run: `{result.Signature}`\n");
        foreach (TaskResult task in result.Tasks)
            text.Append(CultureInfo.InvariantCulture, $"- {task.Task}: `{task.Signature}`, data SHA-256 `{task.DatasetSha256}`\n");
        return text.ToString();
    }

    private static void Failures(StringBuilder text, EvalResult result)
    {
        foreach (TaskResult task in result.Tasks.Where(task => task.Failures.Count > 0))
        {
            text.Append(
                CultureInfo.InvariantCulture, $"\n## {task.Task}: samples that failed\n\nThey count neither as right nor as wrong.\n\n");
            foreach (SampleFailure failure in task.Failures) Failure(text, failure);
        }

        foreach (FailedTask task in result.Failed)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {task.Task}: no number, all {task.Samples} samples failed\n\n");
            foreach (SampleFailure failure in task.Failures) Failure(text, failure);
        }
    }

    private static void Failure(StringBuilder text, SampleFailure failure) =>
        text.Append(CultureInfo.InvariantCulture, $"- `{failure.Id}`: {failure.Error.ReplaceLineEndings(" ")}\n");

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
