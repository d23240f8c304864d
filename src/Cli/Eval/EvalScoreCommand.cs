using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Eval.Metrics;
using AgentKit.Eval.Statistics;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Eval;

/// <summary><c>agentkit eval score METRIC --hyp FILE --ref FILE…</c>: texts against references.</summary>
internal static class EvalScoreCommand
{
    private const int LeastResamples = 40;

    private static readonly Option<string> Hypotheses = new(
        "--hyp") { Description = "What was generated, one segment a line.", HelpName = "file", Required = true };

    private static readonly Option<string[]> References = new("--ref")
    {
        Description =
            "A reference translation or answer for each line; give the option again for further references. An empty line: one reference less.",
        HelpName = "file",
        Required = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Sentence = new("--sentence") { Description = "Score every line alone; the score is their mean." };

    private static readonly Option<string?> Baseline = new(
        "--baseline") { Description = "Another system's lines: is the difference more than chance?", HelpName = "file" };

    private static readonly Option<string> Test = TestOption();

    private static readonly Option<int?> Resamples = new("--resamples")
    {
        Description = "Resamples for interval and test, 0 for no interval. [default: 1000; 10000 trials for randomization]",
        HelpName = "n",
    };

    private static readonly Option<int> Seed = new(
        "--seed") { Description = "Seed of the resampling.", HelpName = "n", DefaultValueFactory = _ => 12345 };

    public static Command Create(CommandHost host)
    {
        var command = new Command(
            "score",
            "Score texts against references: bleu, chrf, chrf++, ter (as sacreBLEU 2.6.0), rouge1, rouge2, rougeL, rougeLsum (as rouge_score; <n> between "
            + "sentences), exact, f1.");
        MetricOptions.AddTo(command);
        foreach (Option option in (ReadOnlySpan<Option>)[Hypotheses, References, Sentence, Baseline, Test, Resamples, Seed])
            command.Options.Add(option);
        return host.Handle(
            command, "agentkit eval score bleu --hyp system.txt --ref reference.txt --json", context => Task.FromResult(Run(context)));
    }

    private static Option<string> TestOption()
    {
        var option = new Option<string>("--test")
        {
            Description = "How to compare with --baseline: bootstrap (paired, default) or randomization.",
            HelpName = "bootstrap|randomization",
            DefaultValueFactory = _ => "bootstrap",
        };
        option.AcceptOnlyFromAmong("bootstrap", "randomization");
        return option;
    }

    private static int Run(CommandContext context)
    {
        bool sentence = context.Parse.GetValue(Sentence);
        string? baselinePath = context.Parse.GetValue(Baseline);
        int resamples = CheckedResamples(context, baselinePath is not null);
        if (sentence && baselinePath is not null)
            throw new UserInputException("--baseline", "--baseline compares corpus scores; leave --sentence out.");
        TextMetric metric = MetricOptions.Create(context, sentence);
        string path = context.Parse.GetValue(Hypotheses)!;
        string[] hypotheses = SegmentFile.Lines("--hyp", path);
        string[][] references = ReadReferences(context, path, hypotheses.Length);
        ScoredCorpus scored = ScoredCorpus.Of(metric, hypotheses, references, context.Stop);
        EvalScoreJson.Comparison? comparison = baselinePath is null ? null : Compare(context, scored, baselinePath, references, resamples);
        IReadOnlyList<double>? scores = sentence ? scored.SegmentScores : null;
        EvalScoreJson result = new(
            context.Parse.GetValue(MetricOptions.Metric)!,
            scores?.Average() ?? scored.Score,
            scored.Signature,
            scored.Count,
            Interval(scored, scores, resamples, context),
            sentence || scored.Explanation.Length == 0 ? null : scored.Explanation,
            scores,
            comparison);
        context.WriteJson(result);
        Print(context, metric.Name, result);
        return ExitCode.Done;
    }

    private static int CheckedResamples(CommandContext context, bool comparing)
    {
        int resamples = context.Parse.GetValue(Resamples) ?? (comparing && context.Parse.GetValue(Test) == "randomization" ? 10_000 : 1000);
        return resamples >= LeastResamples || (resamples == 0 && !comparing)
            ? resamples
            : throw new UserInputException(
                "--resamples", $"--resamples is {resamples}; {LeastResamples} or more is allowed, or 0 without --baseline.");
    }

    private static string[][] ReadReferences(CommandContext context, string hypothesisPath, int count)
    {
        string[] paths = context.Parse.GetValue(References)!;
        string[][] references = Array.ConvertAll(paths, path => ReadAligned("--ref", path, hypothesisPath, count));
        for (int line = 0; line < count; line++)
        {
            if (references.All(column => column[line].Length == 0))
                throw new UserInputException(
                    "--ref",
                    $"--ref: {paths[0]}, line {line + 1} is empty{(paths.Length > 1 ? " in every reference" : "")}; a reference must hold text.");
        }

        return references;
    }

    private static string[] ReadAligned(string option, string path, string hypothesisPath, int count)
    {
        string[] lines = SegmentFile.Lines(option, path);
        if (lines.Length == count) return lines;
        throw new UserInputException(
            option, $"{option}: {path} has {lines.Length} lines and {hypothesisPath} has {count}; from line {Math.Min(lines.Length, count) + 1} on there is no partner.");
    }

    private static EvalScoreJson.Comparison Compare(
        CommandContext context, ScoredCorpus scored, string path, string[][] references, int resamples)
    {
        string[] lines = ReadAligned("--baseline", path, context.Parse.GetValue(Hypotheses)!, scored.Count);
        ScoredCorpus baseline = ScoredCorpus.Of(scored.Metric, lines, references, context.Stop);
        string test = context.Parse.GetValue(Test)!;
        int seed = context.Parse.GetValue(Seed);
        PairedResult paired = test == "bootstrap"
            ? PairedTest.Bootstrap(scored, baseline, resamples, seed, context.Stop)
            : PairedTest.Randomization(scored, baseline, resamples, seed, context.Stop);
        return new(baseline.Score, paired.Difference, [paired.Interval.Lower, paired.Interval.Upper], paired.PValue, test, resamples, seed);
    }

    private static double[]? Interval(ScoredCorpus scored, IReadOnlyList<double>? scores, int resamples, CommandContext context)
    {
        if (resamples == 0) return null;
        int seed = context.Parse.GetValue(Seed);
        int count = Math.Min(resamples, 1000);
        ConfidenceInterval interval = scores is null
            ? Bootstrap.Interval(scored.Count, scored.ScoreOf, count, seed, context.Stop)
            : Bootstrap.Mean(scores, count, seed);
        return [interval.Lower, interval.Upper];
    }

    private static void Print(CommandContext context, string name, EvalScoreJson result)
    {
        foreach (double score in result.Scores ?? []) context.Screen.WriteLine(Number(score));
        string mean = result.Scores is null ? "" : $" (mean of {result.Segments} lines)";
        string interval = result.Ci95 is [double lower, double upper] ? $"  95% [{Number(lower)}, {Number(upper)}]" : "";
        string line = $"{name} = {Number(result.Score)}{mean}{interval}{(result.Details is null ? "" : $"  {result.Details}")}";
        // With a score for every line, the lines are the result.
        if (result.Scores is null) context.Screen.WriteLine(line);
        else context.Screen.Progress(Spectre.Console.Markup.Escape(line));
        if (result.Baseline is { } baseline)
        {
            context.Screen.WriteLine(
                $"baseline = {Number(baseline.Score)}  difference = {Number(baseline.Difference)}  "
                + $"95% [{Number(baseline.DifferenceCi95[0])}, {Number(baseline.DifferenceCi95[1])}]  "
                + $"p = {baseline.PValue.ToString("0.####", CultureInfo.InvariantCulture)} ({baseline.Test}, {baseline.Resamples}, seed {baseline.Seed})");
        }

        context.Screen.Progress($"[grey]{Spectre.Console.Markup.Escape(result.Signature)}[/]");
    }

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
