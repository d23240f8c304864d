using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Training.Peft;
using Spectre.Console;

namespace AgentKit.Cli.Train;

/// <summary><c>agentkit train export ADAPTER FOLDER</c>: an adapter as Hugging Face's PEFT has them.</summary>
internal static class TrainExportCommand
{
    private static readonly Argument<string> Adapter = new("ADAPTER") { Description = "A LoRA adapter in GGUF." };

    private static readonly Argument<string> Folder = new("FOLDER") { Description = "The folder to write." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("export", "Write an adapter of a model (-m) as a PEFT folder: adapter_config.json and adapter_model.safetensors.") { Adapter, Folder },
        "agentkit train export runs/sft/adapter.gguf peft -m nano",
        context => Task.FromResult(Run(context)));

    private static int Run(CommandContext context)
    {
        string folder = Path.GetFullPath(context.Parse.GetValue(Folder)!);
        int matrices = PeftAdapter.Export(context.Parse.GetValue(Adapter)!, ModelLocator.Resolve(context.Model, context.Data), folder);
        context.WriteJson(new TrainConvertJson(folder, matrices));
        context.Screen.ShowLine($"{Markup.Escape(folder)}: {matrices} matrices");
        return ExitCode.Done;
    }
}
