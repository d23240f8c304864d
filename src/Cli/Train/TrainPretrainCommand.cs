using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Training.Optimization;
using AgentKit.Training.Pretraining;
using AgentKit.Training.Runs;
using Spectre.Console;

namespace AgentKit.Cli.Train;

/// <summary><c>agentkit train pretrain --config FILE [--resume] [--find-learning-rate]</c>: a model from nothing but text.</summary>
internal static class TrainPretrainCommand
{
    private static readonly Option<string> Config = new("--config")
    {
        Description = "The run as JSON, comments allowed: data, out, sizes and settings; docs/formats.md has the fields, 'train schema' a JSON Schema for editors.",
        HelpName = "file",
        Required = true,
    };

    private static readonly Option<bool> Resume = new("--resume") { Description = "Go on with the run in its folder." };

    private static readonly Option<bool> FindRate = new("--find-learning-rate") { Description = "Only try learning rates and say which one to begin with; trains nothing." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("pretrain", "Train a small model from nothing: its vocabulary, then all its weights.") { Config, Resume, FindRate },
        "agentkit train pretrain --config pretrain.json",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string file = context.Parse.GetValue(Config)!;
        PretrainOptions options = PretrainConfigFile.Read(file);
        bool find = context.Parse.GetValue(FindRate);
        string resume = ResumeHint.Of("pretrain", file, null, context.Data);
        // A test of learning rates begins anew, as it was called.
        string again = find ? ResumeHint.Of("pretrain", file, null, context.Data, FindRate.Name) : resume;
        if (TrainingWorker.IsWanted(context)) return await TrainingWorker.RunAsync(context, options.Out, again);
        TrainingWorker.Obey(context);
        long started = context.Time.GetTimestamp();
        using var progress = new StepProgress(context);
        try
        {
            using PretrainRun run = await OpenAsync(context, options, context.Parse.GetValue(Resume));

            // Off the caller's thread, so that an interrupt is heard while native code runs.
            if (find) return Show(context, await Task.Run(() => run.FindLearningRate(null, context.Stop)));
            progress.Start(run.Steps, RunFolder.LastCheckpoint(options.Out) ?? 0);
            PretrainResult result = await Task.Run(() => run.Train(context.Time, progress.Report, context.Stop));
            progress.Dispose();
            Show(context, result, progress, Math.Round(context.Time.GetElapsedTime(started).TotalSeconds, 3));
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested && !find)
        {
            progress.Dispose();
            context.Screen.Notice($"{StepProgress.Stopped(progress.Step, options.Out)}; go on with: {resume}");
            throw;
        }
    }

    private static async Task<PretrainRun> OpenAsync(CommandContext context, PretrainOptions options, bool resume)
    {
        using var preparing = new ProgressLine(context.Terminal, context.Quiet, context.Time);
        return await Task.Run(() => PretrainRun.Open(options, resume, preparing.Report, context.Stop));
    }

    private static void Show(CommandContext context, PretrainResult result, StepProgress progress, double seconds)
    {
        TrainingSummary run = result.Summary;
        SortedDictionary<string, double> metrics = new(StringComparer.Ordinal);
        if (run.EvalLossFirst is { } before) metrics["eval_loss_first"] = before;
        if (run.EvalLossLast is { } after) metrics["eval_loss_last"] = after;
        if (run.BestEval is { } best) metrics["best_eval"] = best;
        context.WriteJson(new PretrainJson(
            run.Steps, run.Tokens, progress.TokensPerSecond, run.LossFirst, run.LossLast, metrics, result.Model, seconds, result.Parameters,
            result.NonEmbeddingParameters, result.Vocabulary, run.BestStep, run.StoppedEarly ? true : null));
        if (StepProgress.Chosen(run) is { } chosen) context.Screen.Progress(chosen);
        string eval = run.EvalLossLast is { } held ? string.Create(CultureInfo.InvariantCulture, $", held out {run.EvalLossFirst:0.0000} -> {held:0.0000}") : "";
        context.Screen.ShowLine(Markup.Escape(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Model}: {result.Parameters:N0} weights, {result.Vocabulary:N0} tokens in the vocabulary, {run.Steps} steps, "
            + $"loss {run.LossFirst:0.0000} -> {run.LossLast:0.0000}{eval}, {run.Tokens:N0} tokens at {progress.TokensPerSecond:0}/s, {seconds:0.0} s")));
    }

    private static int Show(CommandContext context, LearningRateTest test)
    {
        RatePointJson[] points = [.. test.Points.Select(point => new RatePointJson(point.LearningRate, point.Loss, point.Smoothed))];
        context.WriteJson(new LearningRateJson(test.Suggested, test.Lowest, test.Diverged, points));
        foreach (LearningRatePoint point in test.Points.Where((_, i) => i % 10 == 0 || i == test.Points.Count - 1))
            context.Screen.Progress(string.Create(CultureInfo.InvariantCulture, $"[grey]{point.LearningRate,-10:0.0e+0}[/] loss {point.Smoothed:0.0000}"));
        string end = test.Diverged ? "" : "; it never rose for good, so a larger one may do too";
        context.Screen.ShowLine(string.Create(
            CultureInfo.InvariantCulture, $"\"learning_rate\": {test.Suggested:0.0e-0}  (the loss was lowest at {test.Lowest:0.0e-0}{end})"));
        return ExitCode.Done;
    }
}
