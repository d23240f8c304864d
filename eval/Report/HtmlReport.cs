using System.Globalization;
using System.Net;
using System.Text;
using AgentKit.Eval.Comparison;
using AgentKit.Eval.Runs;

namespace AgentKit.Eval.Report;

/// <summary>Writes reports as one HTML page each, with style, pictures and script inside.</summary>
internal static class HtmlReport
{
    /// <summary>A page of this many samples a task still opens at once; how many are left out is said on it.</summary>
    private const int MostSamples = 300;

    /// <summary>Intervals of differences are drawn on a scale that reaches at least so far.</summary>
    private const double LeastReach = 0.05;

    public static string Of(EvalResult result, IReadOnlyDictionary<string, IReadOnlyList<SampleRecord>> samples)
    {
        var page = new StringBuilder();
        Begin(page, "Evaluation", [result.Signature]);
        Head(page, "task", "version", "metric", "value", "95 % interval", "", "samples", "errors");
        foreach (TaskResult task in result.Tasks) Rows(page, task);
        page.Append("</tbody></table>");
        if (result.Judge is { } judge) Judge(page, judge);
        foreach (TaskResult task in result.Tasks) Section(page, task, samples[task.Task]);
        foreach (FailedTask task in result.Failed) Failed(page, task);
        return End(page);
    }

    public static string OfComparison(
        string a, string b, IReadOnlyList<TaskComparison> comparison, IReadOnlyList<UncomparedTask> uncompared,
            IReadOnlyDictionary<string, (IReadOnlyList<SampleRecord> A, IReadOnlyList<SampleRecord> B)> pairs)
    {
        var page = new StringBuilder();
        Begin(page, "Two evaluations compared", ["A: " + a, "B: " + b]);
        Head(page, "task", "metric", "samples", "A", "B", "B − A", "95 % interval", "", "p", "p (Holm)", "detectable");
        double reach = Math.Max(LeastReach, comparison.Max(task => (task.Ci95 ?? []).Append(task.Difference).Max(Math.Abs)));
        foreach (TaskComparison task in comparison)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(task.Task)}</td><td>{Text(task.Metric)}</td><td>{task.N}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td>{task.A:0.0000}</td><td>{task.B:0.0000}</td>");
            page.Append(
                CultureInfo.InvariantCulture, $"<td class=\"{(task.Significant ? "sure" : "")}\">{task.Difference:+0.0000;−0.0000;0}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td>{IntervalText.Of(task.Ci95)}</td>");
            page.Append("<td>").Append(task.Ci95 is { } interval ? Plots.Interval(task.Difference, interval, -reach, reach) : "").Append("</td>");
            page.Append(CultureInfo.InvariantCulture,
                $"<td>{task.PValue:0.0000}</td><td>{task.PHolm:0.0000}</td><td>{task.MinimumDetectable:0.0000}</td></tr>");
        }

        page.Append(
            "</tbody></table><p>Bold: a difference that chance alone would bring in less than 5 of 100 cases, all tasks taken together. ");
        page.Append(CultureInfo.InvariantCulture, $"The lines reach from {-reach:0.###} to {reach:0.###}. Detectable: the least true difference ");
        page.Append("that so many samples would show in 80 of 100 repetitions.</p>");
        foreach (UncomparedTask task in uncompared)
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"warning\">{Text(task.ToString())}</p>");
        foreach (TaskComparison task in comparison) Differences(page, task, pairs[task.Task]);
        return End(page);
    }

    private static void Rows(StringBuilder page, TaskResult task)
    {
        foreach (MetricResult metric in task.Metrics)
        {
            bool main = metric.Metric == task.Metric;
            page.Append(CultureInfo.InvariantCulture, $"<tr{(main ? " class=\"main\"" : "")}><td>{(main ? Text(task.Task) : "")}</td>");
            page.Append(CultureInfo.InvariantCulture, $"<td>{(main ? task.Version : "")}</td><td>{Text(metric.Metric)}</td>");
            page.Append(CultureInfo.InvariantCulture,
                $"<td>{Number(metric.Value)}</td><td>{IntervalText.Of(metric.Ci95)}</td><td>");
            // Perplexities have no scale that they share with shares.
            if (metric.Ci95?[1] <= 1) page.Append(Plots.Interval(metric.Value, metric.Ci95, 0, 1));
            page.Append(CultureInfo.InvariantCulture, $"</td><td>{(main ? task.N : "")}</td><td>{(main ? task.Errors : "")}</td></tr>");
        }
    }

    private static void Section(StringBuilder page, TaskResult task, IReadOnlyList<SampleRecord> samples)
    {
        page.Append(CultureInfo.InvariantCulture,
            $"<h2>{Text(task.Task)}</h2><p class=\"small\">{Text(task.Signature)}<br>data SHA-256 {task.DatasetSha256}</p>");
        if (task.Batching is { } batching) page.Append(CultureInfo.InvariantCulture, $"<p>{Text(BatchingText.Of(batching))}.</p>");
        if (task.Groups.Count > 0)
        {
            page.Append("<details><summary>by part</summary><table><tbody>");
            foreach (GroupResult group in task.Groups)
            {
                page.Append(CultureInfo.InvariantCulture,
                    $"<tr><td>{Text(group.Group)}</td><td>{group.Value:0.0000}</td><td>{IntervalText.Of(group.Ci95)}</td><td>{group.N} samples</td></tr>");
            }

            page.Append("</tbody></table></details>");
        }

        (double Confidence, bool Right)[] sure =
        [
            .. samples.Where(sample => sample.Confidence is not null && sample.Metrics?.ContainsKey("acc") == true)
                .Select(sample => (sample.Confidence!.Value, sample.Metrics!["acc"] == 1))
        ];
        if (sure.Length > 0)
        {
            page.Append("<figure>").Append(Plots.Calibration(sure));
            page.Append("<figcaption>How often the model is right (up) when it is so sure (right).</figcaption></figure>");
        }

        Browser(page, task.Metric, samples);
    }

    private static void Failed(StringBuilder page, FailedTask task)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h2>{Text(task.Task)}: no number</h2><p class=\"small\">{Text(task.Signature)}</p>");
        page.Append(CultureInfo.InvariantCulture, $"<p>All {task.Samples} samples failed.</p><table><tbody>");
        foreach (SampleFailure failure in task.Failures.Take(MostSamples))
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(failure.Id)}</td><td>{Text(failure.Error)}</td></tr>");
        page.Append("</tbody></table>");
        if (task.Failures.Count > MostSamples)
            page.Append(CultureInfo.InvariantCulture, $"<p>{task.Failures.Count - MostSamples} more are in the run's folder.</p>");
    }

    private static void Judge(StringBuilder page, JudgeCheck judge)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h2>The judge</h2><p class=\"small\">{Text(judge.Judge)}</p>");
        if (judge.Pairs > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p>On {judge.Pairs} pairs of LLMBar, in both orders: right in {judge.Accuracy:P1}");
            page.Append(CultureInfo.InvariantCulture, $"{Within(judge.AccuracyCi95)} (always the longer answer: {judge.LongestBaseline:P1}), ");
            page.Append(CultureInfo.InvariantCulture, $"the same in both orders in {judge.Consistency:P1}{Within(judge.ConsistencyCi95)} ");
            page.Append(CultureInfo.InvariantCulture, $"(κ {judge.OrderKappa:0.00}{Within(judge.OrderKappaCi95)}), ");
            page.Append(CultureInfo.InvariantCulture, $"κ with people {judge.LabelKappa:0.00}{Within(judge.LabelKappaCi95)}, ");
            page.Append(CultureInfo.InvariantCulture, $"for the longer answer in {judge.PrefersLonger:P1}.</p>");
        }

        foreach (string warning in judge.Warnings) page.Append(CultureInfo.InvariantCulture, $"<p class=\"warning\">{Text(warning)}</p>");
    }

    private static string Within(IReadOnlyList<double>? interval) => interval is null ? "" : $" [{IntervalText.Of(interval)}]";

    private static void Browser(StringBuilder page, string metric, IReadOnlyList<SampleRecord> samples)
    {
        SampleRecord[] failed = [.. samples.Where(sample => sample.Error is not null)], wrong = [.. samples.Where(sample => IsWrong(sample, metric))];
        SampleRecord[] right = [.. samples.Where(sample => sample.Error is null && !IsWrong(sample, metric))];
        SampleRecord[] shown = [.. failed.Concat(wrong).Concat(right.Take(20)).Take(MostSamples)];
        page.Append(CultureInfo.InvariantCulture,
            $"<details open><summary>samples: {failed.Length} failed, {wrong.Length} wrong, {right.Length} right</summary>");
        page.Append(Filter);
        foreach (SampleRecord sample in shown)
        {
            string kind = sample.Error is not null ? "failed" : IsWrong(sample, metric) ? "wrong" : "right";
            string hint = First(sample.Reason ?? sample.Error ?? sample.Prediction ?? "");
            page.Append(CultureInfo.InvariantCulture,
                $"<details class=\"sample {kind}\"><summary><b>{kind}</b> {Text(sample.Id)} <span>{Text(hint)}</span></summary><dl>");
            Field(page, "error", sample.Error);
            Field(page, "reason", sample.Reason);
            Field(page, "answer", sample.Prediction);
            Field(page, "expected", sample.Expected);
            Field(page, "written", sample.Texts is null ? null : string.Join("\n\n", sample.Texts));
            Field(page, "choices", sample.Choices is null ? null : string.Join('\n', sample.Choices.Select(Choice)));
            Field(page, "prompt", sample.Prompt);
            page.Append("</dl></details>");
        }

        if (shown.Length < samples.Count)
            page.Append(CultureInfo.InvariantCulture, $"<p>{samples.Count - shown.Length} more are in the run's folder.</p>");
        page.Append("</details>");
    }

    private static void Differences(
        StringBuilder page, TaskComparison task, (IReadOnlyList<SampleRecord> A, IReadOnlyList<SampleRecord> B) runs)
    {
        Dictionary<string, SampleRecord> others = runs.B.ToDictionary(sample => sample.Id);
        (SampleRecord A, SampleRecord B)[] changed =
        [
            .. runs.A.Where(sample => others.ContainsKey(sample.Id)).Select(sample => (A: sample, B: others[sample.Id]))
                .Where(pair => Kind(pair.A, task.Metric) != Kind(pair.B, task.Metric) || pair.A.Prediction != pair.B.Prediction)
        ];
        page.Append(CultureInfo.InvariantCulture,
            $"<h2>{Text(task.Task)}</h2><details open><summary>{changed.Length} samples with different answers</summary>");
        if (changed.Length > 0) page.Append(Filter);
        foreach ((SampleRecord a, SampleRecord b) in changed.OrderBy(pair => Kind(pair.A, task.Metric) == Kind(pair.B, task.Metric)).Take(MostSamples))
        {
            page.Append(CultureInfo.InvariantCulture,
                $"<details class=\"sample {Kind(b, task.Metric)}\"><summary><b>{Kind(a, task.Metric)} → {Kind(b, task.Metric)}</b> {Text(a.Id)}</summary><dl>");
            Field(page, "A", a.Error ?? a.Prediction);
            Field(page, "B", b.Error ?? b.Prediction);
            Field(page, "expected", a.Expected ?? b.Expected);
            Field(page, "prompt", a.Prompt);
            page.Append("</dl></details>");
        }

        if (changed.Length > MostSamples)
            page.Append(CultureInfo.InvariantCulture, $"<p>{changed.Length - MostSamples} more are in the runs' folders.</p>");
        page.Append("</details>");
    }

    private static string Kind(SampleRecord sample, string metric) => sample.Error is not null ? "failed" : IsWrong(sample, metric) ? "wrong" : "right";

    // The task's own metric decides; where it is computed from others, the first value leads to it. Of shares, half is not enough.
    private static bool IsWrong(SampleRecord sample, string metric) =>
        sample.Metrics is { } metrics && (metrics.TryGetValue(metric, out double value) ? value : metrics.Values.First()) <= 0.5;

    private static string Number(double value) => value.ToString(Math.Abs(value) < 1e5 ? "0.0000" : "0.000e+0", CultureInfo.InvariantCulture);

    private static string Choice(ChoiceRecord choice) => string.Create(
        CultureInfo.InvariantCulture,
            $"{choice.LogProbabilities.Sum():0.000} ({choice.LogProbabilities.Count} tokens){(choice.IsGreedy ? " *" : "")}  {choice.Text}");

    private static void Field(StringBuilder page, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) page.Append(CultureInfo.InvariantCulture, $"<dt>{name}</dt><dd><pre>{Text(value)}</pre></dd>");
    }

    private static string First(string text) => text.Split('\n')[0] is { Length: > 100 } line ? line[..100] + "…" : text.Split('\n')[0];

    private static void Begin(StringBuilder page, string title, IEnumerable<string> signatures)
    {
        page.Append(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.Append(CultureInfo.InvariantCulture, $"<title>{title}</title><style>{Style}</style></head><body><h1>{title}</h1>");
        foreach (string signature in signatures) page.Append(CultureInfo.InvariantCulture, $"<p class=\"small\">{Text(signature)}</p>");
    }

    private static string End(StringBuilder page) =>
        page.Append(CultureInfo.InvariantCulture, $"<script>{Script}</script></body></html>\n").ToString();

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static void Head(StringBuilder page, params string[] columns) =>
        page.Append("<table><thead><tr>").Append(string.Concat(columns.Select(column => $"<th>{column}</th>")))
            .Append("</tr></thead><tbody>");

    private const string Filter = "<input class=\"filter\" placeholder=\"filter\" aria-label=\"filter samples\">";

    private const string Style =
        """
        body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1b1b;background:#fff}
        table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto;white-space:nowrap}
        th,td{padding:.25rem .7rem;text-align:left;border-bottom:1px solid #ddd;font-variant-numeric:tabular-nums}
        tr.main td{font-weight:600}.small{color:#555;font-size:12px;overflow-wrap:anywhere}.sure{font-weight:700}.warning{border-left:4px solid #b7791f;padding-left:.6rem}
        details.sample{margin:.2rem 0;border-left:4px solid #bbb;padding-left:.6rem}
        details.wrong{border-color:#c0392b}details.right{border-color:#2e7d32}details.failed{border-color:#b7791f}
        summary span{color:#666}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;background:#f6f6f6;padding:.4rem}dt{font-weight:600;margin-top:.4rem}dd{margin:0}
        .filter{margin:.6rem 0;padding:.3rem;width:20rem;max-width:100%}figure{margin:1rem 0}figcaption{color:#555;font-size:12px}svg text{font:11px system-ui,sans-serif;fill:#555}
        @media(prefers-color-scheme:dark){body{background:#161616;color:#e6e6e6}th,td{border-color:#333}pre{background:#222}
        .small,figcaption,summary span{color:#aaa}svg text{fill:#aaa}}
        """;

    private const string Script =
        """
        for (const input of document.querySelectorAll('.filter')) input.addEventListener('input', () => {
          const wanted = input.value.toLowerCase();
          for (const sample of input.parentElement.querySelectorAll('.sample')) sample.hidden = !sample.textContent.toLowerCase().includes(wanted);
        });
        """;
}
