using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Cli.Output;
using AgentKit.Training.Engine;
using Spectre.Console;

namespace AgentKit.Cli.Train;

/// <summary><c>agentkit train merge ADAPTER OUT</c>: a model with an adapter written into its weights.</summary>
internal static class TrainMergeCommand
{
    private static readonly Argument<string> Adapter = new("ADAPTER") { Description = "A LoRA adapter in GGUF." };

    private static readonly Argument<string> Out = new("OUT") { Description = "The .gguf file to write." };

    private static readonly Option<bool> Force = new("--force") { Description = "Replace OUT if it exists." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("merge", "Write an adapter into the weights of its model (-m).") { Adapter, Out, Force },
        "agentkit train merge runs/sft/adapter.gguf merged.gguf -m nano",
        context => Task.FromResult(Run(context)));

    private static int Run(CommandContext context)
    {
        string output = Path.GetFullPath(context.Parse.GetValue(Out)!);
        long started = context.Time.GetTimestamp();
        int matrices = AdapterMerge.Write(
            ModelLocator.Resolve(context.Model, context.Data), context.Parse.GetValue(Adapter)!, output, context.Parse.GetValue(Force));
        long bytes = new FileInfo(output).Length;
        double seconds = Math.Round(context.Time.GetElapsedTime(started).TotalSeconds, 3);
        context.WriteJson(new TrainMergeJson(output, matrices, bytes, seconds));
        context.Screen.ShowLine(string.Create(
            CultureInfo.InvariantCulture, $"{Markup.Escape(output)}: {matrices} matrices changed, {Quantity.Bytes(bytes)}, {seconds:0.0} s"));
        return ExitCode.Done;
    }
}
