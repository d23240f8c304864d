using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Optimization;
using AgentKit.Training.Runs;

namespace AgentKit.Cli.Train;

/// <summary>Reads what the configurations of all training commands share: JSON with comments. Paths in it are relative to the file.</summary>
internal static class RunConfigFile
{
    private static readonly string[] Known =
    [
        "model", "data", "eval_data", "out", "adapter", "rank", "alpha", "targets", "max_length", "long_rows", "skip_bad_rows", "epochs", "max_steps", "batch_size",
        "pack_tokens", "learning_rate", "schedule", "warmup_steps", "least_learning_rate_ratio", "optimizer", "weight_decay", "beta1", "beta2", "epsilon", "max_gradient_norm",
        "average_decay", "checkpoint_every", "eval_every", "early_stop_metric", "early_stop_patience", "seed", "threads", "device", "mix",
    ];

    private static readonly Dictionary<string, LongRows> LongRowPolicies = new()
    {
        ["refuse"] = LongRows.Refuse, ["skip"] = LongRows.Skip, ["cut"] = LongRows.Cut,
    };

    private static readonly Dictionary<string, ScheduleKind> Schedules = new()
    {
        ["cosine"] = ScheduleKind.Cosine, ["linear"] = ScheduleKind.Linear, ["constant"] = ScheduleKind.Constant,
    };

    private static readonly Dictionary<string, bool> Devices = new() { ["cpu"] = false, ["gpu"] = true };

    private static readonly Dictionary<string, bool> Optimizers = new() { ["adamw"] = false, ["adamw8"] = true };

    /// <summary>Opens the document and refuses fields that neither all runs nor this kind knows.</summary>
    public static JsonPlace Open(string file, params string[] own) => JsonPlace.Read("--config", file, comments: true).Knowing([.. Known, .. own]);

    /// <summary>The settings that all runs share, in a run's own options.</summary>
    public static T Complete<T>(T options, CommandContext context, JsonPlace config, string file)
        where T : RunOptions
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        RunOptions complete = options with
        {
            Model = ModelPath(context, config, folder),
            Data = PathOf(config.Field("data"), folder),
            EvalData = config.Has("eval_data") ? PathOf(config.Field("eval_data"), folder) : null,
            Mix = config.Has("mix") ? [.. config.Field("mix").Items().Select(mixed => Mixed(mixed.Knowing("data", "rows", "from", "to"), folder))] : [],
            Out = PathOf(config.Field("out"), folder),
            Adapter = config.Has("adapter") ? PathOf(config.Field("adapter"), folder) : null,
            Lora = Lora(config),
            MaxLength = config.Has("max_length") ? config.Count("max_length", 0, least: 2) : null,
            LongRows = config.Has("long_rows") ? config.Field("long_rows").OneOf(LongRowPolicies) : options.LongRows,
            SkipBadRows = config.Has("skip_bad_rows") && config.Field("skip_bad_rows").Boolean(),
            Epochs = config.Count("epochs", options.Epochs),
            MaxSteps = config.Has("max_steps") ? config.Count("max_steps", 0) : null,
            BatchSize = config.Count("batch_size", options.BatchSize),
            PackTokens = config.Count("pack_tokens", options.PackTokens, least: 16),
            Seed = config.Count("seed", options.Seed, least: 0),
            Gpu = config.Has("device") && config.Field("device").OneOf(Devices),
            Threads = config.Has("threads") ? config.Count("threads", 0) : null,
        };
        return (T)Steps(complete, config);
    }

    private static MixedData Mixed(JsonPlace mixed, string folder) => new()
    {
        Data = PathOf(mixed.Field("data"), folder),
        Rows = mixed.Count("rows", 4),
        From = mixed.Decay("from", 0),
        To = mixed.Field("to").NumberOr(1, "a number above 0 and up to 1 is expected", value => value is > 0 and <= 1),
    };

    private static RunOptions Steps(RunOptions options, JsonPlace config) => options with
    {
        LearningRate = config.Positive("learning_rate", options.LearningRate),
        Schedule = config.Has("schedule") ? config.Field("schedule").OneOf(Schedules) : options.Schedule,
        WarmupSteps = config.Count("warmup_steps", options.WarmupSteps, least: 0),
        LeastLearningRateRatio = config.Share("least_learning_rate_ratio", options.LeastLearningRateRatio),
        Optimizer = Optimizer(config),
        MaxGradientNorm = config.Positive("max_gradient_norm", options.MaxGradientNorm),
        AverageDecay = config.Has("average_decay") ? config.Field("average_decay").Number("a number above 0 and below 1 is expected", value => value is > 0 and < 1) : null,
        CheckpointEvery = config.Count("checkpoint_every", options.CheckpointEvery),
        EvalEvery = config.Count("eval_every", options.EvalEvery, least: 0),
        EarlyStop = EarlyStop(config),
    };

    private static EarlyStopOptions? EarlyStop(JsonPlace config)
    {
        EarlyStopOptions defaults = new();
        if (!config.Has("early_stop_patience"))
        {
            return config.Has("early_stop_metric")
                ? throw config.Field("early_stop_metric").Fault("is given alone", "early_stop_patience says after how many measurements without a gain the run ends")
                : null;
        }

        return new()
        {
            Metric = config.Has("early_stop_metric") ? config.Field("early_stop_metric").Text() : defaults.Metric,
            Patience = config.Count("early_stop_patience", defaults.Patience),
        };
    }

    private static LoraOptions Lora(JsonPlace config)
    {
        LoraOptions defaults = new();
        if (config.Has("adapter") && (string[])["rank", "alpha", "targets"] is var shape && Array.Find(shape, config.Has) is { } given)
            throw config.Field(given).Fault("is given", "with adapter, that file's shape counts");
        int rank = config.Field("rank").IntegerOr(defaults.Rank, "1 to 1024 is allowed", value => value is >= 1 and <= 1024);
        var names = LoraOptions.Matrices.Keys.ToDictionary(name => name);
        string[] targets = config.Has("targets") ? [.. config.Field("targets").Items().Select(item => item.OneOf(names)).Distinct()] : [.. defaults.Targets];
        return new() { Rank = rank, Alpha = config.Positive("alpha", 2 * rank), Targets = targets };
    }

    private static AdamWOptions Optimizer(JsonPlace config)
    {
        AdamWOptions defaults = new();
        return new()
        {
            EightBit = config.Has("optimizer") && config.Field("optimizer").OneOf(Optimizers),
            Beta1 = config.Decay("beta1", defaults.Beta1),
            Beta2 = config.Decay("beta2", defaults.Beta2),
            Epsilon = config.Positive("epsilon", defaults.Epsilon),
            WeightDecay = config.NotNegative("weight_decay", defaults.WeightDecay),
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
}
