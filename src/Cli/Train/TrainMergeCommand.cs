using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Training.Engine;
using Spectre.Console;

namespace AgentKit.Cli.Train;

/// <summary><c>agentkit train merge ADAPTER OUT</c>: a model with an adapter written into its weights.</summary>
internal static class TrainMergeCommand
{
    private static readonly Argument<string> Adapter = new("ADAPTER") { Description = "A LoRA adapter in GGUF." };

    private static readonly Argument<string> Out = new("OUT") { Description = "The .gguf file to write." };

    private static readonly Option<string?> Type = new("--type")
    {
        Description = $"How the changed matrices are stored: {string.Join(", ", AdapterMerge.Types)}. [default: each as it was]",
        HelpName = "type",
    };

    private static readonly Option<bool> Force = new("--force") { Description = "Replace OUT if it exists." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("merge", "Write an adapter into the weights of its model (-m). Quantized matrices are restored, changed and quantized again.")
        {
            Adapter, Out, Type, AdapterOptions.OtherBase, Force, ModelOptions.Threads,
        },
        "agentkit train merge runs/sft/adapter.gguf merged.gguf -m nano",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string model = ModelLocator.Resolve(context.Model, context.Data), adapter = context.Parse.GetValue(Adapter)!, output = context.Parse.GetValue(Out)!;
        var options = new MergeOptions
        {
            Type = ReadType(context.Parse.GetValue(Type)),
            AllowOtherBase = context.Parse.GetValue(AdapterOptions.OtherBase),
            Overwrite = context.Parse.GetValue(Force),
            Threads = ModelOptions.Read(context).Threads,
        };
        AdapterInfo info = AdapterInfo.Read(adapter);
        long started = context.Time.GetTimestamp();
        MergeResult result;
        using (var line = new ProgressLine(context.Terminal, context.Quiet, context.Time))
        {
            var progress = new DirectProgress<MergeProgress>(step => line.Report("merging", step.Done, step.Total));
            try
            {
                result = await AdapterMerge.WriteAsync(model, adapter, output, options, progress, context.Stop);
            }
            catch (UserInputException e) when (e.Field == "type")
            {
                throw new UserInputException(Type.Name, $"{Type.Name}: {e.Message}", e);
            }
            catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
            {
                line.Dispose();
                context.Screen.Notice($"cancelled: nothing was written to {output}; run the command again to start over.");
                throw;
            }
        }

        double seconds = Math.Round(context.Time.GetElapsedTime(started).TotalSeconds, 3);
        context.WriteJson(new TrainMergeJson(result.Output, result.Matrices, result.Bytes, result.Rounding, seconds));
        Show(context.Screen, result, info, seconds);
        return ExitCode.Done;
    }

    private static void Show(Screen screen, MergeResult result, AdapterInfo info, double seconds)
    {
        if (info.HasScoreHead)
            screen.Notice("note: the adapter's head, which scores samples, is no weight of the model and was left out; the merged model writes, it does not score.");
        screen.ShowLine(string.Create(
            CultureInfo.InvariantCulture, $"{Markup.Escape(result.Output)}: {result.Matrices} matrices changed, {Quantity.Bytes(result.Bytes)}, {seconds:0.0} s"));
        if (result.Rounding < 0.01) return;
        screen.ShowLine(string.Create(
            CultureInfo.InvariantCulture,
            $"storing rounded by {result.Rounding:0.00} of what the adapter changes; {Type.Name} with a finer type, or the adapter served beside the model, keeps more"));
    }

    private static GgmlType? ReadType(string? name)
    {
        if (name is null) return null;
        int index = AdapterMerge.Types.ToList().FindIndex(type => string.Equals(type.ToString(), name, StringComparison.OrdinalIgnoreCase));
        return index >= 0
            ? AdapterMerge.Types[index]
            : throw new UserInputException(Type.Name, $"{Type.Name} is '{name}'; allowed are {string.Join(", ", AdapterMerge.Types)}.");
    }
}
