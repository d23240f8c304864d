using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Quantization;
using Spectre.Console;

namespace AgentKit.Cli.Models;

/// <summary><c>agentkit model imatrix MODEL --text FILE --out FILE</c>: what matters in a model, from calibration text.</summary>
internal static class ModelImatrixCommand
{
    private static readonly Argument<string> Model = new("MODEL") { Description = "A .gguf file or the name of a model; unquantized is best." };

    private static readonly Option<string> Out = new("--out") { Description = "The .gguf file to write.", HelpName = "file", Required = true };

    private static readonly Option<bool> ProcessOutput = new("--process-output") { Description = "Give the output matrix an entry too." };

    private static readonly Option<bool> Resume = new("--resume") { Description = "Go on with the chunks that the file does not have yet." };

    private static readonly Option<bool> Force = new("--force") { Description = "Replace the file if it exists." };

    public static Command Create(CommandHost host)
    {
        var command = new Command("imatrix", "Make an importance matrix from calibration text, for 'model quantize' and 'model prune'.")
        {
            Model, CalibrationOptions.Text, Out, CalibrationOptions.Chunks, CalibrationOptions.Context, CalibrationOptions.ParseSpecial, ProcessOutput,
            ModelOptions.Threads, Resume, Force,
        };
        return host.Handle(command, "agentkit model imatrix model-f16.gguf --text calibration.txt --out model-imatrix.gguf", RunAsync);
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        string model = ModelLocator.Resolve(context.Parse.GetValue(Model)!, context.Data, "MODEL");
        if (context.Parse.GetValue(CalibrationOptions.Text) is null)
            throw new UserInputException(CalibrationOptions.Text.Name, "--text is missing; a file with calibration text is needed.");
        if (context.Parse.GetValue(Resume) && context.Parse.GetValue(Force))
            throw new UserInputException(Resume.Name, $"{Resume.Name} goes on with the file and {Force.Name} replaces it; give one of them.");
        string output = context.Parse.GetValue(Out)!;
        CalibrationOptions.SpareInputs(context, output, CalibrationOptions.Text);
        (string text, string hash, ImportanceOptions options) = CalibrationOptions.Read(context);
        options = options with
        {
            OutputMatrix = context.Parse.GetValue(ProcessOutput),
            Resume = context.Parse.GetValue(Resume),
            Overwrite = context.Parse.GetValue(Force),
        };
        long started = context.Time.GetTimestamp();
        ImportanceResult result;
        bool read = options.Resume;
        using (var line = new ProgressLine(context.Terminal, context.Quiet, context.Time, "tokens"))
        {
            var progress = new DirectProgress<ImportanceProgress>(step =>
            {
                read = true;
                line.Report("reading", step.Done, step.Total);
            });
            try
            {
                result = await ImportanceCollector.CollectAsync(model, text, output, options, progress, context.Stop);
            }
            catch (UserInputException e)
            {
                throw CalibrationOptions.Named(e);
            }
            catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
            {
                line.Dispose();
                context.Screen.Notice(read && File.Exists(output)
                    ? $"cancelled: the chunks read so far are in {output}; the same command with --resume goes on with the rest."
                    : $"cancelled before the first chunk was read; nothing was written to {output}.");
                throw;
            }
        }

        double seconds = Math.Round(context.Time.GetElapsedTime(started).TotalSeconds, 3);
        context.WriteJson(new ImatrixJson(
            result.Output, result.Matrix.Entries.Count, result.Matrix.Chunks, result.ResumedFrom, result.Matrix.ChunkLength, result.Tokens, hash,
            result.WithoutData, seconds));
        Show(context.Screen, result, seconds);
        return ExitCode.Done;
    }

    private static void Show(Screen screen, ImportanceResult result, double seconds)
    {
        foreach (string tensor in result.WithoutData)
            screen.Progress($"[yellow]note:[/] some experts of {Markup.Escape(tensor)} were never chosen and are weighed evenly; more text may reach them.");
        string resumed = result.ResumedFrom > 0 ? $" ({result.ResumedFrom} were there)" : "";
        screen.ShowLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Markup.Escape(result.Output)}: {result.Matrix.Entries.Count} matrices, {result.Matrix.Chunks} chunks of "
            + $"{result.Matrix.ChunkLength} tokens{resumed}, {seconds:0.0} s"));
    }
}
