using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Runs;

namespace AgentKit.Cli.Train;

/// <summary>Reads what the configurations of all training commands share: JSON with comments. Paths in it are relative to the file.</summary>
internal static class RunConfigFile
{
    private static readonly string[] Known =
    [
        "model", "data", "eval_data", "adapter", "rank", "alpha", "targets", "max_length", "long_rows", "skip_bad_rows",
    ];

    private static readonly Dictionary<string, LongRows> LongRowPolicies = new()
    {
        ["refuse"] = LongRows.Refuse, ["skip"] = LongRows.Skip, ["cut"] = LongRows.Cut,
    };

    /// <summary>Opens the document and refuses fields that neither all runs nor this kind knows.</summary>
    public static JsonPlace Open(string file, params string[] own) => RunSettingsFile.Open(file, [.. Known, .. own]);

    /// <summary>Opens the document of a kind that can learn from several files.</summary>
    public static JsonPlace OpenMixing(string file, params string[] own) => Open(file, ["mix", .. own]);

    /// <summary>The settings that all runs share, in a run's own options.</summary>
    public static T Complete<T>(T options, CommandContext context, JsonPlace config, string file)
        where T : RunOptions
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        RunOptions complete = options with
        {
            Model = ModelPath(context, config, folder),
            Data = RunSettingsFile.FileOf(config.Field("data"), folder),
            EvalData = config.Has("eval_data") ? RunSettingsFile.FileOf(config.Field("eval_data"), folder) : null,
            Mix = config.Has("mix") ? [.. config.Field("mix").Items().Select(mixed => Mixed(mixed.Knowing("data", "rows", "from", "to"), folder))] : [],
            Adapter = config.Has("adapter") ? RunSettingsFile.FileOf(config.Field("adapter"), folder) : null,
            Lora = Lora(config),
            MaxLength = config.Has("max_length") ? config.Count("max_length", 0, least: 2) : null,
            LongRows = config.Has("long_rows") ? config.Field("long_rows").OneOf(LongRowPolicies) : options.LongRows,
            SkipBadRows = config.Has("skip_bad_rows") && config.Field("skip_bad_rows").Boolean(),
        };
        return RunSettingsFile.Complete((T)complete, config, folder);
    }

    /// <summary>The model that a field names, by a path relative to the file or by its name.</summary>
    public static string ModelPath(CommandContext context, JsonPlace config, string folder, string field)
    {
        string model = config.Field(field).Text();
        string beside = Path.GetFullPath(model, folder);
        return ModelLocator.Resolve(File.Exists(beside) ? beside : model, context.Data, field);
    }

    private static MixedData Mixed(JsonPlace mixed, string folder) => new()
    {
        Data = RunSettingsFile.FileOf(mixed.Field("data"), folder),
        Rows = mixed.Count("rows", 4),
        From = mixed.Decay("from", 0),
        To = mixed.Field("to").NumberOr(1, "a number above 0 and up to 1 is expected", value => value is > 0 and <= 1),
    };

    private static LoraOptions Lora(JsonPlace config)
    {
        LoraOptions defaults = new();
        if (config.Has("adapter") && (string[])["rank", "alpha", "targets"] is var shape && Array.Find(shape, config.Has) is { } given)
            throw config.Field(given).Fault("is given", "with adapter, that file's shape counts");
        int rank = config.Field("rank").IntegerOr(defaults.Rank, "a whole number from 1 to 1024 is expected", value => value is >= 1 and <= 1024);
        var names = LoraOptions.Matrices.Keys.ToDictionary(name => name);
        string[] targets = config.Has("targets") ? [.. config.Field("targets").Items().Select(item => item.OneOf(names)).Distinct()] : [.. defaults.Targets];
        return new() { Rank = rank, Alpha = config.Positive("alpha", 2 * rank), Targets = targets };
    }

    /// <summary>A path relative to the file, or the name of a model; <c>--model</c> wins.</summary>
    private static string ModelPath(CommandContext context, JsonPlace config, string folder) =>
        context.ModelIsGiven || !config.Has("model") ? ModelLocator.Resolve(context.Model, context.Data) : ModelPath(context, config, folder, "model");
}
