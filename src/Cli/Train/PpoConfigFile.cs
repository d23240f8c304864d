using AgentKit.Cli.App;
using AgentKit.Training.Runs;

namespace AgentKit.Cli.Train;

/// <summary>Reads the configuration of <c>train ppo</c>.</summary>
internal static class PpoConfigFile
{
    private const string ValueClip = "value_clip";

    public static RunOptions Read(CommandContext context, string file)
    {
        JsonPlace config = RolloutConfigFile.Open(file, "minibatches", "kl_beta", "gamma", "lambda", "clip", ValueClip, "value_coefficient");
        PpoRunOptions defaults = new() { Model = "", Data = "", Out = "" };
        // Null says that values are not clipped; to leave the field out says nothing.
        bool unclipped = config.Names().Contains(ValueClip) && !config.Has(ValueClip);
        PpoRunOptions options = defaults with
        {
            Generations = config.Field("generations").IntegerOr(defaults.Generations, "a whole number from 1 to 128 is expected", value => value is >= 1 and <= 128),
            Iterations = config.Count("iterations", defaults.Iterations),
            Minibatches = config.Count("minibatches", defaults.Minibatches),
            KlBeta = config.NotNegative("kl_beta", defaults.KlBeta),
            Gamma = config.Field("gamma").NumberOr(defaults.Gamma, "a number above 0 and up to 1 is expected", value => value is > 0 and <= 1),
            Lambda = config.Share("lambda", defaults.Lambda),
            Ppo = new()
            {
                Clip = config.Share("clip", defaults.Ppo.Clip),
                ValueClip = unclipped ? null : config.NotNegative(ValueClip, defaults.Ppo.ValueClip!.Value),
                ValueCoefficient = config.NotNegative("value_coefficient", defaults.Ppo.ValueCoefficient),
            },
        };
        RunOptions complete = RolloutConfigFile.Complete(options, context, config, file);
        long answers = (long)complete.BatchSize * options.Generations;
        return options.Minibatches <= answers
            ? complete
            : throw config.Field("minibatches").Fault($"is {options.Minibatches}", $"a round has {answers} answers (batch_size × generations) to deal out");
    }
}
