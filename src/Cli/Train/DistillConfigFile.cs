using AgentKit.Cli.App;
using AgentKit.Training.Objectives;
using AgentKit.Training.Runs;

namespace AgentKit.Cli.Train;

/// <summary>Reads the configuration of <c>train distill</c>.</summary>
internal static class DistillConfigFile
{
    private static readonly Dictionary<string, DistillationDirection> Directions = new()
    {
        ["forward"] = DistillationDirection.Forward, ["reverse"] = DistillationDirection.Reverse,
    };

    private static readonly Dictionary<string, bool> Kinds = new() { ["chat"] = false, ["text"] = true };

    public static RunOptions Read(CommandContext context, string file)
    {
        JsonPlace config = RunConfigFile.OpenMixing(file, "teacher", "data_kind", "temperature", "direction", "sft_weight");
        DistillationOptions defaults = new();
        DistillRunOptions options = new()
        {
            Model = "",
            Data = "",
            Out = "",
            Teacher = RunConfigFile.ModelPath(context, config, Path.GetDirectoryName(Path.GetFullPath(file))!, "teacher"),
            PlainText = config.Has("data_kind") && config.Field("data_kind").OneOf(Kinds),
            SftWeight = config.Decay("sft_weight", 0),
            Distillation = new()
            {
                Temperature = config.Positive("temperature", defaults.Temperature),
                Direction = config.Has("direction") ? config.Field("direction").OneOf(Directions) : defaults.Direction,
            },
        };
        if (options.PlainText && Array.Find((string[])["long_rows", "skip_bad_rows"], config.Has) is { } stranger)
            throw config.Field(stranger).Fault("is given", "text is cut into windows of max_length tokens and has no rows");
        return RunConfigFile.Complete(options, context, config, file);
    }
}
