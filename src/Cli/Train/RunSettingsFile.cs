using AgentKit.Training.Engine;
using AgentKit.Training.Optimization;
using AgentKit.Training.Runs;

namespace AgentKit.Cli.Train;

/// <summary>Reads the settings that every run of training has, adapters and new models alike.</summary>
internal static class RunSettingsFile
{
    /// <summary>Names the schema that editors check the document with (<see cref="ConfigSchema"/>).</summary>
    private const string Schema = "$schema";

    private static readonly string[] Known =
    [
        "out", "epochs", "max_steps", "batch_size", "pack_tokens", "learning_rate", "schedule", "warmup_steps", "least_learning_rate_ratio", "optimizer", "weight_decay",
        "beta1", "beta2", "epsilon", "max_gradient_norm", "average_decay", "checkpoint_every", "eval_every", "early_stop_metric", "early_stop_patience", "seed", "threads",
        "device", "products", "kept_bytes", "attention_bytes",
    ];

    private static readonly Dictionary<string, ScheduleKind> Schedules = new()
    {
        ["cosine"] = ScheduleKind.Cosine, ["linear"] = ScheduleKind.Linear, ["constant"] = ScheduleKind.Constant,
    };

    private static readonly Dictionary<string, bool> Devices = new() { ["cpu"] = false, ["gpu"] = true };

    private static readonly Dictionary<string, ProductPath> Products = new()
    {
        ["auto"] = ProductPath.Auto, ["own"] = ProductPath.Own, ["ggml"] = ProductPath.Ggml, ["onednn"] = ProductPath.OneDnn,
    };

    private static readonly Dictionary<string, bool> Optimizers = new() { ["adamw"] = false, ["adamw8"] = true };

    /// <summary>Opens the document: JSON with comments. Fields that neither all runs nor this kind knows are refused.</summary>
    public static JsonPlace Open(string file, params string[] own)
    {
        JsonPlace config = JsonPlace.Read("--config", file, comments: true).Knowing([.. Known, .. own, Schema]);
        if (config.Names().Contains(Schema)) config.Field(Schema).Text();
        return config;
    }

    /// <summary>The settings of the document in a run's own options, whose values are the defaults.</summary>
    public static T Complete<T>(T options, JsonPlace config, string folder)
        where T : RunSettings
    {
        RunSettings complete = options with
        {
            Out = PathOf(config.Field("out"), folder),
            Epochs = config.Count("epochs", options.Epochs),
            MaxSteps = config.Has("max_steps") ? config.Count("max_steps", 0) : null,
            BatchSize = config.Count("batch_size", options.BatchSize),
            PackTokens = config.Count("pack_tokens", options.PackTokens, least: 16),
            Seed = config.Count("seed", options.Seed, least: 0),
            Gpu = config.Has("device") && config.Field("device").OneOf(Devices),
            Threads = config.Has("threads") ? config.Field("threads").Integer("a whole number from 1 to 512 is expected", value => value is >= 1 and <= 512) : null,
            Products = config.Has("products") ? config.Field("products").OneOf(Products) : options.Products,
            KeptBytes = config.Bytes("kept_bytes", options.KeptBytes, least: 0),
            AttentionBytes = config.Bytes("attention_bytes", options.AttentionBytes, least: 1),
            CheckpointEvery = config.Count("checkpoint_every", options.CheckpointEvery),
            EvalEvery = config.Count("eval_every", options.EvalEvery, least: 0),
            EarlyStop = EarlyStop(config),
        };
        return (T)Steps(complete, config);
    }

    public static string PathOf(JsonPlace place, string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(place.Text(), folder));

    /// <summary>A file that is there.</summary>
    public static string FileOf(JsonPlace place, string folder)
    {
        string path = PathOf(place, folder);
        if (Directory.Exists(path)) throw place.Fault($"is {path}, a directory", "a file is expected");
        return File.Exists(path) ? path : throw place.Fault($"is {path}, which does not exist", "a file is expected");
    }

    private static RunSettings Steps(RunSettings options, JsonPlace config) => options with
    {
        LearningRate = config.Positive("learning_rate", options.LearningRate),
        Schedule = config.Has("schedule") ? config.Field("schedule").OneOf(Schedules) : options.Schedule,
        WarmupSteps = config.Count("warmup_steps", options.WarmupSteps, least: 0),
        LeastLearningRateRatio = config.Share("least_learning_rate_ratio", options.LeastLearningRateRatio),
        Optimizer = Optimizer(config, options.Optimizer),
        MaxGradientNorm = config.Positive("max_gradient_norm", options.MaxGradientNorm),
        AverageDecay = config.Has("average_decay") ? config.Field("average_decay").Number("a number above 0 and below 1 is expected", value => value is > 0 and < 1) : null,
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

    private static AdamWOptions Optimizer(JsonPlace config, AdamWOptions defaults) => new()
    {
        EightBit = config.Has("optimizer") && config.Field("optimizer").OneOf(Optimizers),
        Beta1 = config.Decay("beta1", defaults.Beta1),
        Beta2 = config.Decay("beta2", defaults.Beta2),
        Epsilon = config.Positive("epsilon", defaults.Epsilon),
        WeightDecay = config.NotNegative("weight_decay", defaults.WeightDecay),
    };
}
