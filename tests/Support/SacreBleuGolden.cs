using System.Text.Json.Nodes;
using AgentKit.Eval.Metrics;
using Xunit;

namespace AgentKit.Testing;

/// <summary>Scores that sacreBLEU 2.6.0 gave for the systems of WMT 2017.</summary>
internal static class SacreBleuGolden
{
    public const string Folder = "sacrebleu-wmt17";
    public const double Tolerance = 1e-9;

    public static readonly Lazy<JsonNode> Golden = new(() => JsonNode.Parse(File.ReadAllText(EvalData.PathOf($"{Folder}/golden_corpus.json")!))!);
    public static readonly Lazy<string[]> Reference = new(() => Segments("reference"));

    private static readonly Dictionary<string, TextMetric> Metrics = new()
    {
        ["BLEU-none"] = new BleuMetric(new() { Tokenizer = BleuTokenizer.None }),
        ["BLEU-13a"] = new BleuMetric(),
        ["BLEU-intl"] = new BleuMetric(new() { Tokenizer = BleuTokenizer.International }),
        ["BLEU-char"] = new BleuMetric(new() { Tokenizer = BleuTokenizer.Character }),
        ["BLEU-13a-lc"] = new BleuMetric(new() { Lowercase = true }),
        ["chrF2"] = new ChrfMetric(),
        ["chrF2++"] = new ChrfMetric(new() { WordOrder = 2 }),
        ["chrF2-lc"] = new ChrfMetric(new() { Lowercase = true }),
    };

    public static IEnumerable<string> Systems => Golden.Value["systems"]!.AsObject().Select(pair => pair.Key);

    public static string[] Segments(string system) => EvalData.Lines($"{Folder}/{system}.txt");

    /// <summary>Holds every corpus score of a system, its signature and its lengths against the recorded ones.</summary>
    public static void CheckSystem(string system)
    {
        string[] hypotheses = Segments(system);
        JsonObject scores = Golden.Value["systems"]![system]!.AsObject();
        Assert.Equal(Metrics.Keys.Order(), scores.Select(pair => pair.Key).Order());
        foreach ((string name, JsonNode? expected) in scores)
        {
            ScoredCorpus scored = ScoredCorpus.Of(Metrics[name], hypotheses, [Reference.Value]);
            Assert.Equal(expected!["score"]!.GetValue<double>(), scored.Score, Tolerance);
            Assert.Equal(expected["signature"]!.GetValue<string>(), scored.Signature);
            if (expected["sys_len"] is { } length)
                Assert.Contains($"hyp_len = {length} ref_len = {expected["ref_len"]}", scored.Explanation, StringComparison.Ordinal);
        }
    }
}
