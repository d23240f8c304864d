using AgentKit.Cli.App;
using AgentKit.Training.Objectives;
using AgentKit.Training.Runs;

namespace AgentKit.Cli.Train;

/// <summary>Reads the configuration of <c>train grpo</c>.</summary>
internal static class GrpoConfigFile
{
    private const string Rloo = "rloo";

    private static readonly Dictionary<string, GrpoVariant?> Objectives = new()
    {
        ["grpo"] = GrpoVariant.Grpo, ["dapo"] = GrpoVariant.Dapo, ["dr_grpo"] = GrpoVariant.DrGrpo, [Rloo] = null,
    };

    public static RunOptions Read(CommandContext context, string file)
    {
        JsonPlace config = RolloutConfigFile.Open(file, "objective", "clip_low", "clip_high", "kl_beta", "scale_rewards");
        GrpoVariant? variant = config.Has("objective") ? config.Field("objective").OneOf(Objectives) : GrpoVariant.Grpo;
        GrpoRunOptions defaults = new() { Model = "", Data = "", Out = "" };
        GrpoRunOptions options = defaults with
        {
            Generations = config.Field("generations").IntegerOr(defaults.Generations, "a whole number from 2 to 128 is expected", value => value is >= 2 and <= 128),
            Iterations = config.Count("iterations", defaults.Iterations),
            Grpo = Objective(config, variant),
            Rloo = variant is null ? new() { KlBeta = config.NotNegative("kl_beta", new RlooOptions().KlBeta) } : null,
        };
        return RolloutConfigFile.Complete(options, context, config, file);
    }

    private static GrpoOptions Objective(JsonPlace config, GrpoVariant? variant)
    {
        if (variant is null)
        {
            return Array.Find((string[])["clip_low", "clip_high", "scale_rewards"], config.Has) is { } stranger
                ? throw config.Field(stranger).Fault("is given", "rloo has no such setting")
                : new();
        }

        GrpoOptions defaults = new();
        return new()
        {
            Variant = variant.Value,
            ClipLow = config.Field("clip_low").NumberOr(defaults.ClipLow, "a number from 0 to 1 is expected", value => value is >= 0 and <= 1),
            // DAPO's "clip higher" (Yu et al. 2025, section 3.1).
            ClipHigh = config.NotNegative("clip_high", variant == GrpoVariant.Dapo ? 0.28 : defaults.ClipHigh),
            KlBeta = config.NotNegative("kl_beta", variant == GrpoVariant.Grpo ? defaults.KlBeta : 0),
            ScaleRewards = config.Has("scale_rewards") ? config.Field("scale_rewards").Boolean() : variant != GrpoVariant.DrGrpo,
        };
    }
}
