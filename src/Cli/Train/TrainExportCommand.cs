using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Training.Engine;
using AgentKit.Training.Peft;
using Spectre.Console;

namespace AgentKit.Cli.Train;

/// <summary><c>agentkit train export ADAPTER FOLDER</c>: an adapter as Hugging Face's PEFT has them.</summary>
internal static class TrainExportCommand
{
    private static readonly Argument<string> Adapter = new("ADAPTER") { Description = "A LoRA adapter in GGUF." };

    private static readonly Argument<string> Folder = new("FOLDER") { Description = "The folder to write." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("export", "Write an adapter of a model (-m) as a PEFT folder: adapter_config.json and adapter_model.safetensors.")
        {
            Adapter, Folder, AdapterOptions.OtherBase,
        },
        "agentkit train export runs/sft/adapter.gguf peft -m nano",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        string adapter = context.Parse.GetValue(Adapter)!, folder = Path.GetFullPath(context.Parse.GetValue(Folder)!);
        string model = ModelLocator.Resolve(context.Model, context.Data);
        bool otherBase = context.Parse.GetValue(AdapterOptions.OtherBase);
        int matrices = await Task.Run(() => PeftAdapter.Export(adapter, model, folder, otherBase, context.Stop), context.Stop);
        if (AdapterInfo.Read(adapter).HasScoreHead) context.Screen.Notice("note: the adapter's head, which scores samples, has no place in a PEFT folder and was left out.");
        context.WriteJson(new TrainConvertJson(folder, matrices));
        context.Screen.ShowLine($"{Markup.Escape(folder)}: {matrices} matrices");
        return ExitCode.Done;
    }
}
