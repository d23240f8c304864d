using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Quantization;
using Spectre.Console;

namespace AgentKit.Cli.Models;

/// <summary><c>agentkit model quantize IN OUT TYPE</c>: a smaller copy of a model.</summary>
internal static class ModelQuantizeCommand
{
    private static readonly Argument<string> Input = new("IN") { Description = "A .gguf file or the name of a model, in F16, BF16 or F32." };

    private static readonly Argument<string> Output = new("OUT") { Description = "The .gguf file to write." };

    private static readonly Argument<string> Type = new("TYPE")
    {
        Description = $"{string.Join(", ", ModelQuantizer.Types.Except(ModelQuantizer.TypesNeedingImportance))}; "
            + $"with --imatrix also {string.Join(", ", ModelQuantizer.TypesNeedingImportance)}.",
    };

    private static readonly Option<bool> Requantize = new("--requantize")
    {
        Description = "Allow a model that is quantized already; it loses quality twice.",
    };

    private static readonly Option<bool> Force = new("--force") { Description = "Replace OUT if it exists." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("quantize", "Write a smaller copy of a model, weighed by an importance matrix if there is one, and measure what it cost.")
        {
            Input, Output, Type, CalibrationOptions.Imatrix, Requantize, Force, CompressionReport.Kld, CalibrationOptions.Context, CalibrationOptions.ParseSpecial,
            ModelOptions.Threads,
        },
        "agentkit model quantize model-f16.gguf model-iq2_xs.gguf IQ2_XS --imatrix model-imatrix.gguf --kld heldout.txt",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string input = ModelLocator.Resolve(context.Parse.GetValue(Input)!, context.Data, "IN");
        string output = context.Parse.GetValue(Output)!, type = context.Parse.GetValue(Type)!;
        CalibrationOptions.SpareInputs(context, output, CalibrationOptions.Imatrix, CompressionReport.Kld);
        var report = CompressionReport.Read(context, input, CompressionReport.Kld.Name);
        var options = new QuantizeOptions
        {
            AllowRequantize = context.Parse.GetValue(Requantize),
            Overwrite = context.Parse.GetValue(Force),
            Importance = CalibrationOptions.ReadImatrix(context),
            Threads = ModelOptions.Read(context).Threads,
        };
        long started = context.Time.GetTimestamp();
        QuantizeResult result;
        using (var line = new ProgressLine(context.Terminal, context.Quiet, context.Time, "tensors"))
        {
            var progress = new DirectProgress<QuantizeProgress>(step => line.Report($"{type}: {step.Tensor}", step.Done, step.Total));
            try
            {
                result = await ModelQuantizer.QuantizeAsync(input, output, type, options, progress, context.Stop);
            }
            catch (UserInputException e)
            {
                throw CalibrationOptions.Named(e);
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
        Show(context.Screen, result, seconds);
        CompressionReportJson? measured = report is null
            ? null
            : await report.MeasureAsync(input, result.Output, (result.BytesBefore, result.BytesAfter), options.Importance?.TextSha256);
        context.WriteJson(new QuantizeJson(
            result.Output, result.Type, result.BytesBefore, result.BytesAfter, result.BitsPerWeight, result.Tensors, seconds,
            [.. result.Fallbacks.Select(fallback => new QuantizeJson.Fallback(fallback.Tensor, fallback.Wanted, fallback.Used))],
            options.Importance is null ? null : context.Parse.GetValue(CalibrationOptions.Imatrix),
            options.Importance is null ? null : result.WithoutImportance,
            options.Importance is null ? null : result.ImportanceOfOtherFile,
            measured));
        return ExitCode.Done;
    }

    private static void Show(Screen screen, QuantizeResult result, double seconds)
    {
        foreach (QuantizeFallback fallback in result.Fallbacks)
        {
            screen.Progress(
                $"[yellow]note:[/] {Markup.Escape(fallback.Tensor)} is {fallback.Used} instead of {fallback.Wanted}: its rows do not divide into the blocks.");
        }

        if (result.ImportanceOfOtherFile) CalibrationOptions.NoteOtherFile(screen);
        foreach (string tensor in result.WithoutImportance)
            screen.Progress($"[yellow]note:[/] the importance matrix has no entry for {Markup.Escape(tensor)}, which is quantized without it.");

        screen.ShowLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Markup.Escape(result.Output)}: {Quantity.Bytes(result.BytesBefore)} -> {Quantity.Bytes(result.BytesAfter)} "
            + $"({result.Type}, {result.BitsPerWeight:0.##} bits a weight, {result.Tensors} tensors, {seconds:0.0} s)"));
    }
}
