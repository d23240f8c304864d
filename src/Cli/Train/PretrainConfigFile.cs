using AgentKit.Training.Pretraining;

namespace AgentKit.Cli.Train;

/// <summary>Reads the configuration of <c>train pretrain</c>: JSON with comments. Paths in it are relative to the file.</summary>
internal static class PretrainConfigFile
{
    private static readonly string[] Own =
    [
        "data", "name", "architecture", "layers", "embedding", "heads", "kv_heads", "feed_forward", "context", "tied_embeddings", "tokenizer", "vocabulary", "eval_share",
    ];

    private static readonly Dictionary<string, string> Architectures = new() { ["llama"] = "llama", ["qwen3"] = "qwen3" };

    public static PretrainOptions Read(string file)
    {
        JsonPlace config = RunSettingsFile.Open(file, Own);
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (config.Has("tokenizer") && config.Has("vocabulary"))
            throw config.Field("vocabulary").Fault("is given beside tokenizer", "either a vocabulary is trained or that of tokenizer is used");
        PretrainOptions defaults = new() { Data = [], Out = "" };
        JsonPlace data = config.Field("data");
        return RunSettingsFile.Complete(
            defaults with
            {
                Data = data.IsList ? [.. data.Items().Select(item => RunSettingsFile.FileOf(item, folder))] : [RunSettingsFile.FileOf(data, folder)],
                Name = config.Has("name") ? config.Field("name").Text() : null,
                Shape = Shape(config),
                Tokenizer = config.Has("tokenizer") ? RunSettingsFile.FileOf(config.Field("tokenizer"), folder) : null,
                Vocabulary = Within(config, "vocabulary", defaults.Vocabulary, 300, 1_000_000),
                EvalShare = config.Field("eval_share").NumberOr(defaults.EvalShare, "a number from 0 to 0.5 is expected", value => value is >= 0 and <= 0.5),
            },
            config,
            folder);
    }

    private static ModelSizes Shape(JsonPlace config)
    {
        ModelSizes defaults = new();
        return new()
        {
            Architecture = config.Has("architecture") ? config.Field("architecture").OneOf(Architectures) : defaults.Architecture,
            Layers = Within(config, "layers", defaults.Layers, 1, 256),
            Embedding = Multiple(config, "embedding", defaults.Embedding, 16_384),
            Heads = Within(config, "heads", defaults.Heads, 1, 256),
            KvHeads = Within(config, "kv_heads", config.Has("heads") ? Within(config, "heads", 1, 1, 256) : defaults.KvHeads, 1, 256),
            FeedForward = Multiple(config, "feed_forward", defaults.FeedForward, 65_536),
            Context = Within(config, "context", defaults.Context, 16, 32_768),
            TiedEmbeddings = !config.Has("tied_embeddings") || config.Field("tied_embeddings").Boolean(),
        };
    }

    private static int Within(JsonPlace config, string name, int absent, int least, int most) =>
        config.Field(name).IntegerOr(absent, $"a whole number from {least} to {most} is expected", value => value >= least && value <= most);

    private static int Multiple(JsonPlace config, string name, int absent, int most) =>
        config.Field(name).IntegerOr(absent, $"a multiple of 32 up to {most} is expected", value => value is > 0 && value <= most && value % 32 == 0);
}
