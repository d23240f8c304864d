using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Models.Pruning;
using AgentKit.Models.Quantization;
using Spectre.Console;

namespace AgentKit.Cli.Models;

/// <summary><c>agentkit model prune IN OUT</c>: a copy of a model with weights set to zero.</summary>
internal static class ModelPruneCommand
{
    private static readonly Argument<string> Input = new("IN") { Description = "A .gguf file or the name of a model." };

    private static readonly Argument<string> Output = new("OUT") { Description = "The .gguf file to write." };

    private static readonly Option<string> Method = Choice(
        "--method", "wanda: weight times activation, needs --text or --imatrix. magnitude: weight alone.", "wanda", "wanda", "magnitude");

    private static readonly Option<string> Pattern = new("--pattern")
    {
        Description = "Which weights may go: unstructured, or N:M, of every M neighbouring inputs N stay.",
        HelpName = "unstructured|N:M",
        DefaultValueFactory = _ => "unstructured",
    };

    private static readonly Option<double?> Sparsity = new("--sparsity") { Description = "Share of weights that go. [default: 0.5, or what N:M means]", HelpName = "share" };

    private static readonly Option<string?> Type = new("--type")
    {
        Description = "How the pruned matrices are stored. [default: as they were; types without an exact zero need this]",
        HelpName = "F32|F16|BF16|Q8_0",
    };

    private static readonly Option<bool> Force = new("--force") { Description = "Replace OUT if it exists." };

    public static Command Create(CommandHost host)
    {
        var command = new Command(
            "prune", "Write a copy of a model with weights set to zero, and measure what it cost. llama.cpp gains neither speed nor memory from zeros.")
        {
            Input, Output, Method, Pattern, Sparsity, CalibrationOptions.Imatrix, CalibrationOptions.Text, CalibrationOptions.Chunks, CalibrationOptions.Context,
            CalibrationOptions.ParseSpecial, Type, ModelOptions.Threads, Force, CompressionReport.Kld,
        };
        return host.Handle(command, "agentkit model prune model-f16.gguf model-2-4.gguf --pattern 2:4 --text calibration.txt --kld heldout.txt", RunAsync);
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        string input = ModelLocator.Resolve(context.Parse.GetValue(Input)!, context.Data, "IN"), output = context.Parse.GetValue(Output)!;
        CalibrationOptions.SpareInputs(context, output, CalibrationOptions.Text, CalibrationOptions.Imatrix, CompressionReport.Kld);
        var report = CompressionReport.Read(context, input, $"{CalibrationOptions.Text.Name} or {CompressionReport.Kld.Name}");
        PruneOptions options = Options(context);
        long started = context.Time.GetTimestamp();
        PruneResult result;
        using (var line = new ProgressLine(context.Terminal, context.Quiet, context.Time, "tokens"))
        {
            var progress = new DirectProgress<PruneProgress>(step =>
            {
                // Tensors are few and quick beside the tokens that were read for them.
                if (step.Step == "reading") line.Report(step.Step, step.Done, step.Total);
            });
            try
            {
                result = await ModelPruner.PruneAsync(input, output, options, progress, context.Stop);
            }
            catch (UserInputException e)
            {
                throw Named(e);
            }
            catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
            {
                line.Dispose();
                context.Screen.Notice($"cancelled: nothing was written to {output}; run the command again to start over.");
                throw;
            }
        }

        double seconds = Math.Round(context.Time.GetElapsedTime(started).TotalSeconds, 3);
        CompressionReport.Forget(result.Output);
        Show(context.Screen, result, options, seconds);
        CompressionReportJson? measured = report is null
            ? null
            : await report.MeasureAsync(input, result.Output, (result.BytesBefore, result.BytesAfter), result.CalibrationSha256);
        context.WriteJson(new PruneJson(
            result.Output, options.Method.ToString().ToLowerInvariant(), options.Pattern.ToString(), options.Pattern.Sparsity, result.Sparsity.Share,
            result.Sparsity.Matrices, result.Sparsity.Weights, result.Sparsity.Zeros, result.BytesBefore, result.BytesAfter, result.Activations,
            result.CalibrationSha256, result.CalibrationTokens, result.WithoutData,
            options.Importance is null ? null : result.ImportanceOfOtherFile, seconds, measured));
        return ExitCode.Done;
    }

    private static PruneOptions Options(CommandContext context)
    {
        var options = new PruneOptions
        {
            Method = context.Parse.GetValue(Method) == "magnitude" ? PruneMethod.Magnitude : PruneMethod.Wanda,
            Pattern = ReadPattern(context),
            Importance = CalibrationOptions.ReadImatrix(context),
            Type = ReadType(context.Parse.GetValue(Type)),
            Overwrite = context.Parse.GetValue(Force),
            Calibration = new() { Threads = ModelOptions.Read(context).Threads },
        };
        if (context.Parse.GetValue(CalibrationOptions.Text) is null)
        {
            CalibrationOptions.RefuseUnused(context, CalibrationOptions.Text.Name, CalibrationOptions.Chunks);
            return options;
        }

        (string text, _, ImportanceOptions calibration) = CalibrationOptions.Read(context);
        return options with { Text = text, Calibration = calibration };
    }

    private static PrunePattern ReadPattern(CommandContext context)
    {
        try
        {
            return PrunePattern.Parse(context.Parse.GetValue(Pattern)!, context.Parse.GetValue(Sparsity));
        }
        catch (UserInputException e)
        {
            throw Named(e);
        }
    }

    private static GgmlType? ReadType(string? name) => name?.ToUpperInvariant() switch
    {
        null => null,
        "F32" => GgmlType.F32,
        "F16" => GgmlType.F16,
        "BF16" => GgmlType.BF16,
        "Q8_0" => GgmlType.Q8_0,
        _ => throw new UserInputException(Type.Name, $"{Type.Name} is '{name}'; F32, F16, BF16 and Q8_0 are allowed."),
    };

    private static UserInputException Named(UserInputException fault) => fault.Field switch
    {
        "method" or "pattern" or "sparsity" or "type" => new($"--{fault.Field}", $"--{fault.Field}: {fault.Message}", fault),
        _ => CalibrationOptions.Named(fault),
    };

    private static void Show(Screen screen, PruneResult result, PruneOptions options, double seconds)
    {
        if (result.ImportanceOfOtherFile) CalibrationOptions.NoteOtherFile(screen);
        foreach (string tensor in result.WithoutData)
            screen.Progress($"[yellow]note:[/] some experts of {Markup.Escape(tensor)} have seen no token; their inputs count alike.");
        string activations = result.Activations == "none" ? "" : $"{result.Activations} activations, ";
        screen.ShowLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Markup.Escape(result.Output)}: {100 * result.Sparsity.Share:0.00} % of {result.Sparsity.Weights:N0} weights in {result.Sparsity.Matrices} matrices are zero "
            + $"({options.Method.ToString().ToLowerInvariant()}, {options.Pattern}, {activations}{Quantity.Bytes(result.BytesAfter)}, {seconds:0.0} s)"));
    }

    private static Option<string> Choice(string name, string description, string chosen, params string[] allowed)
    {
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', allowed), DefaultValueFactory = _ => chosen };
        option.AcceptOnlyFromAmong(allowed);
        return option;
    }
}
