using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Training.Peft;
using Spectre.Console;

namespace AgentKit.Cli.Train;

/// <summary><c>agentkit train import FOLDER OUT</c>: a PEFT adapter as GGUF.</summary>
internal static class TrainImportCommand
{
    private static readonly Argument<string> Folder = new("FOLDER") { Description = "A PEFT folder: adapter_config.json and adapter_model.safetensors." };

    private static readonly Argument<string> Out = new("OUT") { Description = "The .gguf file to write." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("import", "Turn a PEFT adapter into one for a GGUF model (-m).") { Folder, Out },
        "agentkit train import peft adapter.gguf -m nano",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string folder = context.Parse.GetValue(Folder)!, output = context.Parse.GetValue(Out)!, model = ModelLocator.Resolve(context.Model, context.Data);
        int matrices = await Task.Run(() => PeftAdapter.Import(folder, model, output, context.Stop), context.Stop);
        output = Path.GetFullPath(output);
        context.WriteJson(new TrainConvertJson(output, matrices));
        context.Screen.ShowLine($"{Markup.Escape(output)}: {matrices} matrices");
        return ExitCode.Done;
    }
}
