using AgentKit.Agents.Judge;
using AgentKit.Eval;
using AgentKit.Eval.Runs;
using AgentKit.Eval.Statistics;
using AgentKit.Eval.Subjects;
using AgentKit.Eval.Tasks;
using AgentKit.Kernel.Errors;
using AgentKit.Testing;
using AgentKit.Tests.Support;

namespace AgentKit.Tests.Eval;

public sealed class JudgedTaskTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RunAsync_Points_AsksTheJudgeAboutEachTurnWithItsReference()
    {
        var model = new ScriptedModel(messages => ScriptedReply.Text(messages[^1].Text!.Contains("1 (worst)", StringComparison.Ordinal) ? "7" : "[[A]]"));
        using var judge = new EvalJudge(model, "scripted");
        EvalResult result = await RunAsync("mt_bench", new() { Judge = judge, CalibrationPairs = 4 }, "An answer.");
        TaskResult task = Assert.Single(result.Tasks);
        Assert.Equal((7.0, 3, 0), (task.Value, task.N, task.Errors));
        Assert.Contains("judge:scripted", task.Signature, StringComparison.Ordinal);
        string[] asked = [.. model.Requests.Select(request => request[^1].Text!).Where(text => text.Contains("1 (worst)", StringComparison.Ordinal))];
        Assert.Equal(6, asked.Length);
        Assert.Equal(4, asked.Count(text => text.Contains("# Reference answer", StringComparison.Ordinal)));
        Assert.Contains(asked, text => text.Contains("(answer 1) An answer.", StringComparison.Ordinal));
        // A judge that always takes the first answer is right once in each pair, and never in both orders.
        Assert.Equal((4, 0.5, 0.0), (result.Judge!.Pairs, result.Judge.Accuracy!.Value, result.Judge.Consistency!.Value));
        Assert.Contains(result.Judge.Warnings, warning => warning.Contains("change places", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_Calibration_HasIntervals()
    {
        int asked = 0;
        // One pair the same in both orders, one not, and the other way round.
        var model = new ScriptedModel(messages => ScriptedReply.Text(
            messages[^1].Text!.Contains("1 (worst)", StringComparison.Ordinal) ? "7" : "AAABBABB"[asked++ % 8] == 'A' ? "[[A]]" : "[[B]]"));
        using var judge = new EvalJudge(model, "scripted");
        await RunAsync("mt_bench", new() { Judge = judge, CalibrationPairs = 4 }, "An answer.");
        JudgeCheck check = RunFolder.Load(_folder["run"]).Result.Judge!;
        Assert.Equal((4, 0.5), (check.Pairs, check.Consistency!.Value));
        ConfidenceInterval wilson = Proportion.Wilson(2, 4);
        Assert.Equal([wilson.Lower, wilson.Upper], check.ConsistencyCi95!);
        Assert.InRange(check.Accuracy!.Value, check.AccuracyCi95![0], check.AccuracyCi95[1]);
        Assert.InRange(check.OrderKappa!.Value, check.OrderKappaCi95![0], check.OrderKappaCi95[1]);
        Assert.InRange(check.LabelKappa!.Value, check.LabelKappaCi95![0], check.LabelKappaCi95[1]);
    }

    [Fact]
    public async Task RunAsync_ModelAsJudge_ReportsTheKappasOfItsReport()
    {
        int asked = 0;
        var subject = new ScriptedSubject { IsChat = true, Reply = _ => new("AAABBABBABAB"[asked++ % 12] == 'A' ? "[[A]]" : asked % 5 == 0 ? "?" : "[[B]]") };
        EvalResult result = await new EvalRun(subject).RunAsync([TaskCatalog.Find("llmbar")], TaskData.Samples, _folder["run"]);
        Verdict? Of(double place) => place < 0 ? null : (Verdict)(int)place;
        JudgeReport report = JudgeReport.Of([.. RunFolder.LoadSamples(_folder["run"], "llmbar").Select(sample => sample.Metrics!).Select(
            values => new JudgedPair(Of(values["in_order"]), Of(values["swapped"]), Of(values["label"])!.Value, 1, 1))]);
        Dictionary<string, MetricResult> metrics = result.Tasks[0].Metrics.ToDictionary(metric => metric.Metric);
        Assert.Equal(report.OrderKappa, metrics["order_kappa"].Value, 12);
        Assert.Equal(report.LabelKappa, metrics["label_kappa"].Value, 12);
        Assert.Equal(report.Consistency, metrics["consistency"].Value, 12);
        Assert.InRange(report.LabelKappa, metrics["label_kappa"].Ci95![0], metrics["label_kappa"].Ci95![1]);
    }

    [Fact]
    public async Task RunAsync_APairOfTheCalibrationFails_TheOthersAreJudgedAndTheRunGoesOn()
    {
        int asked = 0;
        var model = new ScriptedModel(messages => messages[^1].Text!.Contains("1 (worst)", StringComparison.Ordinal)
            ? ScriptedReply.Text("7")
            : ++asked == 3 ? throw new UserInputException("messages", "The prompt is too long.") : ScriptedReply.Text("[[A]]"));
        using var judge = new EvalJudge(model, "scripted");
        EvalResult result = await RunAsync("mt_bench", new() { Judge = judge, CalibrationPairs = 4 }, "An answer.");
        Assert.Equal(7.0, Assert.Single(result.Tasks).Value);
        Assert.Equal((3, 1), (result.Judge!.Pairs, RunFolder.Load(_folder["run"]).Result.Judge!.Errors));
        Assert.Contains(result.Judge.Warnings, warning => warning.Contains("1 of 4 pairs could not be judged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_Wins_CountsVerdictsThatHoldInBothOrders()
    {
        // It prefers "good" wherever it stands.
        var model = new ScriptedModel(messages => ScriptedReply.Text(
            messages[^1].Text!.IndexOf("good", StringComparison.Ordinal) is var at && at >= 0 && at < messages[^1].Text!.IndexOf("# Answer B", StringComparison.Ordinal)
                ? "[[A]]"
                : "[[B]]"));
        using var judge = new EvalJudge(model, "scripted");
        Dictionary<string, IReadOnlyList<string>> others = new() { ["1"] = ["bad", "bad"], ["2"] = ["bad", "bad"], ["3"] = ["bad", "bad"] };
        EvalResult result = await RunAsync("mt_bench_wins", new() { Judge = judge, CalibrationPairs = 0, Against = others }, "good");
        Assert.Equal(1, result.Tasks[0].Value);
        Assert.Equal(1, result.Tasks[0].Metrics.First(metric => metric.Metric == "consistency").Value);
        Assert.Contains("not calibrated", Assert.Single(RunFolder.Load(_folder["run"]).Result.Judge!.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_WithoutWhatItNeeds_SaysSoBeforeAnythingIsAsked()
    {
        Assert.Equal("--judge", (await Assert.ThrowsAsync<UserInputException>(() => RunAsync("mt_bench", new(), "x"))).Field);
        using var judge = new EvalJudge(new ScriptedModel(), "scripted");
        Assert.Equal("--against", (await Assert.ThrowsAsync<UserInputException>(() => RunAsync("mt_bench_wins", new() { Judge = judge }, "x"))).Field);
        Assert.Equal("--judge", (await Assert.ThrowsAsync<UserInputException>(() => RunAsync("gsm8k", new() { Judge = judge, Shots = 0 }, "x"))).Field);
    }

    private Task<EvalResult> RunAsync(string task, EvalOptions options, string reply) => new EvalRun(new ScriptedSubject { IsChat = true, Reply = _ => new(reply) }, options)
        .RunAsync([TaskCatalog.Find(task)], TaskData.Samples, _folder["run"]);
}
