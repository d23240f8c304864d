using AgentKit.Cli.App;
using AgentKit.Training.Runs;

namespace AgentKit.Cli.Train;

/// <summary>Reads the configuration of <c>train sft</c>.</summary>
internal static class SftConfigFile
{
    public static RunOptions Read(CommandContext context, string file)
    {
        JsonPlace config = RunConfigFile.OpenMixing(file, "prompt_weight");
        SftOptions options = new() { Model = "", Data = "", Out = "", PromptWeight = config.Share("prompt_weight", 0) };
        return RunConfigFile.Complete(options, context, config, file);
    }
}
