using AgentKit.Agents.Judge;
using AgentKit.Eval.Runs;
using AgentKit.Eval.Statistics;
using AgentKit.Eval.Subjects;

namespace AgentKit.Eval.Tasks.Judging;

/// <summary>Asks a judge about pairs of LLMBar before its verdicts on other answers are believed.</summary>
internal static class JudgeCalibration
{
    private const string TaskName = "llmbar";

    /// <param name="judge">The judge.</param>
    /// <param name="data">Where LLMBar comes from; without it there are only the concerns known beforehand.</param>
    /// <param name="pairs">How many pairs at most, spread over all of its parts.</param>
    /// <param name="cancellationToken">Cancels between verdicts.</param>
    public static async Task<JudgeCheck> RunAsync(EvalJudge judge, TaskData data, int pairs, CancellationToken cancellationToken)
    {
        EvalTask task = TaskCatalog.Find(TaskName);
        string[] known = [.. judge.Concerns];
        if (pairs == 0 || !task.Definition.Files.All(data.Has))
        {
            string why = pairs == 0 ? "it was not asked to be" : "there is no LLMBar data ('agentkit eval pull llmbar')";
            return new(judge.Signature, 0, [.. known, $"The judge is not calibrated: {why}."]);
        }

        IReadOnlyList<EvalSample> samples = task.Load(data);
        List<JudgedPair> judged = [];
        List<SampleFailure> failures = [];
        foreach (int i in BatchingCheck.Positions(samples.Count, pairs))
        {
            try
            {
                judged.Add(await JudgeAsync(judge, samples[i], cancellationToken).ConfigureAwait(false));
            }
            catch (Exception e) when (e is not OperationCanceledException && !EvalRun.IsFatal(e))
            {
                // One pair that is too long for the judge must not take the run with it.
                failures.Add(new(samples[i].Id, e.Message));
            }
        }

        if (failures.Count > 0)
            known = [.. known, $"{failures.Count} of {judged.Count + failures.Count} pairs could not be judged; the first, {failures[0].Id}: {failures[0].Error}"];
        if (judged.Count == 0) return new(judge.Signature, 0, [.. known, "The judge is not calibrated."]) { Errors = failures.Count };
        JudgeReport report = JudgeReport.Of(judged);
        ConfidenceInterval consistent = Proportion.Wilson(report.Consistent, report.Count);
        return new(
            judge.Signature, report.Count, [.. known, .. report.Warnings()], report.Accuracy, report.LongestBaseline, report.Consistency,
            report.OrderKappa, report.LabelKappa, report.PrefersLonger)
        {
            Errors = failures.Count,
            AccuracyCi95 = Interval(judged, one => one.Accuracy),
            ConsistencyCi95 = [consistent.Lower, consistent.Upper],
            OrderKappaCi95 = Interval(judged, one => one.OrderKappa),
            LabelKappaCi95 = Interval(judged, one => one.LabelKappa),
        };
    }

    private static double[]? Interval(List<JudgedPair> judged, Func<JudgeReport, double> figure)
    {
        ConfidenceInterval interval = Bootstrap.Interval(judged.Count, drawn => figure(JudgeReport.Of([.. drawn.Select(i => judged[i])])));
        return interval.Lower < interval.Upper ? [interval.Lower, interval.Upper] : null;
    }

    private static async Task<JudgedPair> JudgeAsync(EvalJudge judge, EvalSample sample, CancellationToken cancellationToken)
    {
        (string first, string second) = (sample.Row.Text("output_1"), sample.Row.Text("output_2"));
        PairJudgment verdict = await judge.AskAsync(
            JudgeTask.Options,
            model => model.CompareAsync(sample.Row.Text("input"), first, second, null, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        return new(verdict.InOrder, verdict.Swapped, JudgeTask.Label(sample), first.Length, second.Length);
    }
}
