using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Optimization;
using AgentKit.Training.Runs;

namespace AgentKit.Cli.Train;

/// <summary>Reads the configuration of <c>train sft</c>: JSON with comments. Paths in it are relative to the file.</summary>
internal static class SftConfigFile
{
    private static readonly string[] Known =
    [
        "model", "data", "eval_data", "out", "rank", "alpha", "targets", "max_length", "long_rows", "skip_bad_rows", "prompt_weight", "epochs", "max_steps",
        "batch_size", "pack_tokens", "learning_rate", "schedule", "warmup_steps", "least_learning_rate_ratio", "weight_decay", "beta1", "beta2",
        "epsilon", "max_gradient_norm", "checkpoint_every", "eval_every", "seed", "threads",
    ];

    private static readonly Dictionary<string, LongRows> LongRowPolicies = new()
    {
        ["refuse"] = LongRows.Refuse, ["skip"] = LongRows.Skip, ["cut"] = LongRows.Cut,
    };

    private static readonly Dictionary<string, ScheduleKind> Schedules = new()
    {
        ["cosine"] = ScheduleKind.Cosine, ["linear"] = ScheduleKind.Linear, ["constant"] = ScheduleKind.Constant,
    };

    public static SftOptions Read(CommandContext context, string file)
    {
        JsonPlace config = JsonPlace.Read("--config", file, comments: true).Knowing(Known);
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        SftOptions defaults = new() { Model = "", Data = "", Out = "" };
        return new()
        {
            Model = ModelPath(context, config, folder),
            Data = PathOf(config.Field("data"), folder),
            EvalData = config.Has("eval_data") ? PathOf(config.Field("eval_data"), folder) : null,
            Out = PathOf(config.Field("out"), folder),
            Lora = Lora(config),
            MaxLength = config.Has("max_length") ? Count(config, "max_length", 0, least: 2) : null,
            LongRows = config.Has("long_rows") ? config.Field("long_rows").OneOf(LongRowPolicies) : defaults.LongRows,
            SkipBadRows = config.Has("skip_bad_rows") && config.Field("skip_bad_rows").Boolean(),
            PromptWeight = Share(config, "prompt_weight", defaults.PromptWeight),
            Epochs = Count(config, "epochs", defaults.Epochs),
            MaxSteps = config.Has("max_steps") ? Count(config, "max_steps", 0) : null,
            BatchSize = Count(config, "batch_size", defaults.BatchSize),
            PackTokens = Count(config, "pack_tokens", defaults.PackTokens, least: 16),
            LearningRate = Positive(config, "learning_rate", defaults.LearningRate),
            Schedule = config.Has("schedule") ? config.Field("schedule").OneOf(Schedules) : defaults.Schedule,
            WarmupSteps = Count(config, "warmup_steps", defaults.WarmupSteps, least: 0),
            LeastLearningRateRatio = Share(config, "least_learning_rate_ratio", defaults.LeastLearningRateRatio),
            Optimizer = Optimizer(config),
            MaxGradientNorm = Positive(config, "max_gradient_norm", defaults.MaxGradientNorm),
            CheckpointEvery = Count(config, "checkpoint_every", defaults.CheckpointEvery),
            EvalEvery = Count(config, "eval_every", defaults.EvalEvery, least: 0),
            Seed = Count(config, "seed", defaults.Seed, least: 0),
            Threads = config.Has("threads") ? Count(config, "threads", 0) : null,
        };
    }

    private static LoraOptions Lora(JsonPlace config)
    {
        LoraOptions defaults = new();
        int rank = config.Field("rank").IntegerOr(defaults.Rank, "1 to 1024 is allowed", value => value is >= 1 and <= 1024);
        var names = LoraOptions.Matrices.Keys.ToDictionary(name => name);
        string[] targets = config.Has("targets") ? [.. config.Field("targets").Items().Select(item => item.OneOf(names)).Distinct()] : [.. defaults.Targets];
        return new() { Rank = rank, Alpha = Positive(config, "alpha", 2 * rank), Targets = targets };
    }

    private static AdamWOptions Optimizer(JsonPlace config)
    {
        AdamWOptions defaults = new();
        return new()
        {
            Beta1 = Decay(config, "beta1", defaults.Beta1),
            Beta2 = Decay(config, "beta2", defaults.Beta2),
            Epsilon = Positive(config, "epsilon", defaults.Epsilon),
            WeightDecay = config.Field("weight_decay").NumberOr(defaults.WeightDecay, "0 or more is allowed", value => value >= 0),
        };
    }

    /// <summary>A path relative to the file, or the name of a model; <c>--model</c> wins.</summary>
    private static string ModelPath(CommandContext context, JsonPlace config, string folder)
    {
        if (context.ModelIsGiven || !config.Has("model")) return ModelLocator.Resolve(context.Model, context.Data);
        string model = config.Field("model").Text();
        string beside = Path.GetFullPath(model, folder);
        return ModelLocator.Resolve(File.Exists(beside) ? beside : model, context.Data, "model");
    }

    private static string PathOf(JsonPlace place, string folder) => Path.GetFullPath(place.Text(), folder);

    private static int Count(JsonPlace config, string name, int absent, int least = 1) =>
        config.Field(name).IntegerOr(absent, $"a whole number of {least} or more is expected", value => value >= least);

    private static double Positive(JsonPlace config, string name, double absent) =>
        config.Field(name).NumberOr(absent, "a number above 0 is expected", value => value > 0);

    private static double Share(JsonPlace config, string name, double absent) =>
        config.Field(name).NumberOr(absent, "a number from 0 to 1 is expected", value => value is >= 0 and <= 1);

    private static double Decay(JsonPlace config, string name, double absent) =>
        config.Field(name).NumberOr(absent, "a number from 0 up to below 1 is expected", value => value is >= 0 and < 1);
}
