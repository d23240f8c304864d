using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Training.Data;
using AgentKit.Training.Runs;
using Spectre.Console;

namespace AgentKit.Cli.Train;

/// <summary><c>agentkit train sft|dpo|kto|grpo|ppo|reward|distill --config FILE [--resume]</c>: a run of training from files to a LoRA adapter.</summary>
internal static class TrainRunCommand
{
    private static readonly Option<string> Config = new("--config")
    {
        Description = "The run as JSON, comments allowed: model, data, out and settings; docs/formats.md has the fields, 'train schema' a JSON Schema for editors.",
        HelpName = "file",
        Required = true,
    };

    private static readonly Option<bool> Resume = new("--resume") { Description = "Go on with the run in its folder." };

    /// <summary>The field of the rows that are learned from.</summary>
    private const string Data = "data";

    public static Command CreateSft(CommandHost host) =>
        Create(host, "sft", "Fine-tune on conversations: writes a LoRA adapter for the very GGUF file that is served.", SftConfigFile.Read);

    public static Command CreateDpo(CommandHost host) =>
        Create(host, "dpo", "Learn from pairs of answers, one preferred: DPO, IPO, SimPO or ORPO.", PreferenceConfigFile.ReadPairs);

    public static Command CreateKto(CommandHost host) => Create(host, "kto", "Learn from single answers that are good or bad.", PreferenceConfigFile.ReadVerdicts);

    public static Command CreateGrpo(CommandHost host) =>
        Create(host, "grpo", "Learn from the model's own answers and what they earn: GRPO, DAPO, Dr. GRPO or RLOO.", GrpoConfigFile.Read);

    public static Command CreatePpo(CommandHost host) => Create(
        host, "ppo", "Learn from the model's own answers and what they earn, against what a value head expects: PPO-clip.", PpoConfigFile.Read);

    public static Command CreateReward(CommandHost host) =>
        Create(host, "reward", "Train a reward model on pairs of answers: an adapter with a head that scores.", PreferenceConfigFile.ReadReward);

    public static Command CreateDistill(CommandHost host) => Create(
        host, "distill", "Learn to write what a larger model with the same vocabulary would: forward or reverse KL, alone or beside fine-tuning.", DistillConfigFile.Read);

    private static Command Create(CommandHost host, string name, string description, Func<CommandContext, string, RunOptions> read) => host.Handle(
        new Command(name, description) { Config, Resume }, $"agentkit train {name} --config {name}.json", context => RunAsync(context, name, read));

    private static async Task<int> RunAsync(CommandContext context, string name, Func<CommandContext, string, RunOptions> read)
    {
        string file = context.Parse.GetValue(Config)!;
        RunOptions options = read(context, file);
        string resume = ResumeHint.Of(name, file, context.ModelIsGiven ? context.Model : null, context.Data);
        if (TrainingWorker.IsWanted(context)) return await TrainingWorker.RunAsync(context, options.Out, resume);
        TrainingWorker.Obey(context);
        long started = context.Time.GetTimestamp();
        using var progress = new StepProgress(context);
        TrainingResult result;
        try
        {
            // Off the caller's thread, so that an interrupt is heard while native code runs.
            Action<int> start = steps => progress.Start(steps, RunFolder.LastCheckpoint(options.Out) ?? 0);
            result = await Task.Run(() => TrainingRun.Run(options, context.Parse.GetValue(Resume), context.Time, start, progress.Report, context.Stop));
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            progress.Dispose();
            context.Screen.Notice($"{StepProgress.Stopped(progress.Step, options.Out)}; go on with: {resume}");
            throw;
        }

        double seconds = Math.Round(context.Time.GetElapsedTime(started).TotalSeconds, 3);
        TrainJson document = Document(result, progress, seconds);
        context.WriteJson(document);
        progress.Dispose();
        Show(context.Screen, result, document);
        return ExitCode.Done;
    }

    private static TrainJson Document(TrainingResult result, StepProgress progress, double seconds)
    {
        TrainingSummary run = result.Summary;
        SortedDictionary<string, double> metrics = new(StringComparer.Ordinal);
        foreach ((string name, double value) in run.Metrics) metrics[name] = value;
        if (run.EvalLossFirst is { } before) metrics["eval_loss_first"] = before;
        if (run.EvalLossLast is { } after) metrics["eval_loss_last"] = after;
        if (run.BestEval is { } best) metrics["best_eval"] = best;
        return new(
            run.Steps, run.Tokens, progress.TokensPerSecond, run.LossFirst, run.LossLast, metrics, result.Adapter, seconds, result.Rows,
            OfData(result)?.BadRows.Count ?? 0, OfData(result)?.LongLines ?? [], run.BestStep, run.StoppedEarly ? true : null, Others(result));
    }

    private static LeftOutRows? OfData(TrainingResult result) => result.LeftOut.FirstOrDefault(left => left.Field == Data);

    private static LeftOutJson[]? Others(TrainingResult result)
    {
        LeftOutJson[] others = [.. result.LeftOut.Where(left => left.Field != Data).Select(left => new LeftOutJson(left.Field, left.File, left.BadRows.Count, left.LongLines))];
        return others.Length == 0 ? null : others;
    }

    private static void Show(Screen screen, TrainingResult result, TrainJson document)
    {
        foreach (LeftOutRows left in result.LeftOut)
        {
            string file = left.Field == Data ? "" : $"{left.Field}, ";
            foreach (RowFault fault in left.BadRows) screen.Progress(Markup.Escape($"left out, {file}line {fault.Line}: {fault.Message}"));
            if (left.LongLines.Count > 0) screen.Progress($"[yellow]too long, skipped or cut:[/] {Markup.Escape(file)}lines {string.Join(", ", left.LongLines)}");
        }

        if (StepProgress.Chosen(result.Summary) is { } chosen) screen.Progress(chosen);
        string eval = result.Summary is { EvalLossFirst: { } before, EvalLossLast: { } after }
            ? string.Create(CultureInfo.InvariantCulture, $", held out {before:0.0000} -> {after:0.0000}")
            : "";
        foreach (string name in result.Summary.Metrics.Keys.Where(name => name.EndsWith("_last", StringComparison.Ordinal)).Select(name => name[..^5]))
        {
            string first = result.Summary.Metrics.TryGetValue(name + "_first", out double begin) ? string.Create(CultureInfo.InvariantCulture, $"{begin:0.####} -> ") : "";
            screen.Progress(string.Create(CultureInfo.InvariantCulture, $"[grey]{name,-24}[/] {first}{result.Summary.Metrics[name + "_last"]:0.####}"));
        }

        screen.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{document.Adapter}: {document.Steps} steps, loss {document.LossFirst:0.0000} -> {document.LossLast:0.0000}{eval}, "
            + $"{document.Tokens} tokens at {document.TokensPerSecond:0}/s, {document.Seconds:0.0} s"));
    }
}
