using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Training.Runs;
using Spectre.Console;

namespace AgentKit.Cli.Train;

/// <summary><c>agentkit train sft --config FILE [--resume]</c>: supervised fine-tuning to a LoRA adapter.</summary>
internal static class TrainSftCommand
{
    private static readonly Option<string> Config = new("--config")
    {
        Description = "The run as JSON, comments allowed: model, data, out and settings; docs/formats.md has the fields.",
        HelpName = "file",
        Required = true,
    };

    private static readonly Option<bool> Resume = new("--resume") { Description = "Go on with the run in its folder." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("sft", "Fine-tune on conversations: writes a LoRA adapter for the very GGUF file that is served.") { Config, Resume },
        "agentkit train sft --config sft.json",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string file = context.Parse.GetValue(Config)!;
        SftOptions options = SftConfigFile.Read(context, file);
        long started = context.Time.GetTimestamp();
        using var progress = new StepProgress(context);
        SftResult result;
        try
        {
            // Off the caller's thread, so that an interrupt is heard while native code runs.
            result = await Task.Run(() => SftRun.Run(options, context.Parse.GetValue(Resume), context.Time, progress.Start, progress.Report, context.Stop));
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            progress.Dispose();
            context.Screen.Notice(
                $"stopped after step {progress.Step}; go on with: agentkit train sft --config {file} --resume");
            throw;
        }

        double seconds = Math.Round(context.Time.GetElapsedTime(started).TotalSeconds, 3);
        TrainJson document = Document(result, progress, seconds);
        context.WriteJson(document);
        progress.Dispose();
        Show(context.Screen, result, document);
        return ExitCode.Done;
    }

    private static TrainJson Document(SftResult result, StepProgress progress, double seconds)
    {
        TrainingSummary run = result.Summary;
        Dictionary<string, double> metrics = [];
        if (run.EvalLossFirst is { } before) metrics["eval_loss_first"] = before;
        if (run.EvalLossLast is { } after) metrics["eval_loss_last"] = after;
        return new(
            run.Steps, run.Tokens, progress.TokensPerSecond, run.LossFirst, run.LossLast, metrics, result.Adapter, seconds, result.Rows, result.BadRows.Count, result.LongLines);
    }

    private static void Show(Screen screen, SftResult result, TrainJson document)
    {
        foreach (var fault in result.BadRows) screen.Progress(Markup.Escape($"left out, line {fault.Line}: {fault.Message}"));
        if (result.LongLines.Count > 0) screen.Progress($"[yellow]too long, skipped or cut:[/] lines {string.Join(", ", result.LongLines)}");
        string eval = result.Summary is { EvalLossFirst: { } before, EvalLossLast: { } after }
            ? string.Create(CultureInfo.InvariantCulture, $", held out {before:0.0000} -> {after:0.0000}")
            : "";
        screen.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{document.Adapter}: {document.Steps} steps, loss {document.LossFirst:0.0000} -> {document.LossLast:0.0000}{eval}, "
            + $"{document.Tokens} tokens at {document.TokensPerSecond:0}/s, {document.Seconds:0.0} s"));
    }
}
