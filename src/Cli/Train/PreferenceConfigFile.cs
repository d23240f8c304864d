using AgentKit.Cli.App;
using AgentKit.Training.Objectives;
using AgentKit.Training.Runs;

namespace AgentKit.Cli.Train;

/// <summary>Reads the configurations of <c>train dpo</c>, <c>train kto</c> and <c>train reward</c>.</summary>
internal static class PreferenceConfigFile
{
    private static readonly Dictionary<string, PreferenceObjectiveKind> Objectives = new()
    {
        ["dpo"] = PreferenceObjectiveKind.Dpo, ["simpo"] = PreferenceObjectiveKind.SimPo, ["orpo"] = PreferenceObjectiveKind.Orpo,
    };

    private static readonly Dictionary<string, DpoVariant> Variants = new()
    {
        ["sigmoid"] = DpoVariant.Sigmoid, ["ipo"] = DpoVariant.Ipo, ["hinge"] = DpoVariant.Hinge,
    };

    /// <summary>The settings that each objective knows; another one's is a mistake.</summary>
    private static readonly Dictionary<PreferenceObjectiveKind, string[]> Own = new()
    {
        [PreferenceObjectiveKind.Dpo] = ["beta", "variant", "label_smoothing"], [PreferenceObjectiveKind.SimPo] = ["beta", "gamma"], [PreferenceObjectiveKind.Orpo] = ["lambda"],
    };

    public static RunOptions ReadPairs(CommandContext context, string file)
    {
        JsonPlace config = RunConfigFile.OpenMixing(file, ["objective", .. Own.Values.SelectMany(names => names).Distinct()]);
        PreferenceObjectiveKind kind = config.Has("objective") ? config.Field("objective").OneOf(Objectives) : PreferenceObjectiveKind.Dpo;
        if (Own.Values.SelectMany(names => names).FirstOrDefault(name => config.Has(name) && !Own[kind].Contains(name)) is { } stranger)
            throw config.Field(stranger).Fault("is given", $"{Objectives.First(pair => pair.Value == kind).Key} knows {string.Join(", ", Own[kind])}");
        PreferenceRunOptions options = new()
        {
            Model = "",
            Data = "",
            Out = "",
            Objective = kind,
            Dpo = kind == PreferenceObjectiveKind.Dpo ? Dpo(config) : new(),
            SimPo = kind == PreferenceObjectiveKind.SimPo ? new() { Beta = config.Positive("beta", 2), Gamma = config.NotNegative("gamma", 0.5) } : new(),
            Orpo = kind == PreferenceObjectiveKind.Orpo ? new() { Lambda = config.NotNegative("lambda", 0.1) } : new(),
        };
        return RunConfigFile.Complete(options, context, config, file);
    }

    public static RunOptions ReadVerdicts(CommandContext context, string file)
    {
        JsonPlace config = RunConfigFile.OpenMixing(file, "beta", "desirable_weight", "undesirable_weight");
        KtoRunOptions options = new()
        {
            Model = "",
            Data = "",
            Out = "",
            Kto = new()
            {
                Beta = config.Positive("beta", 0.1),
                DesirableWeight = config.NotNegative("desirable_weight", 1),
                UndesirableWeight = config.NotNegative("undesirable_weight", 1),
            },
        };
        return RunConfigFile.Complete(options, context, config, file);
    }

    public static RunOptions ReadReward(CommandContext context, string file) =>
        RunConfigFile.Complete(new RewardRunOptions { Model = "", Data = "", Out = "" }, context, RunConfigFile.OpenMixing(file), file);

    private static DpoOptions Dpo(JsonPlace config)
    {
        DpoVariant variant = config.Has("variant") ? config.Field("variant").OneOf(Variants) : DpoVariant.Sigmoid;
        JsonPlace smoothing = config.Field("label_smoothing");
        return new()
        {
            Beta = config.Positive("beta", 0.1),
            Variant = variant,
            LabelSmoothing = variant == DpoVariant.Sigmoid
                ? smoothing.NumberOr(0, "a number from 0 up to below 0.5 is expected", value => value is >= 0 and < 0.5)
                : smoothing.NumberOr(0, "only 0 is allowed with this variant: label smoothing belongs to sigmoid", value => value == 0),
        };
    }
}
