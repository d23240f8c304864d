using System.Text.Json.Nodes;
using AgentKit.Eval.Metrics;
using AgentKit.Testing;

namespace AgentKit.Tests.Eval;

/// <summary>Scores that sacreBLEU 2.6.0 gave for WMT 2017 systems and for hand-made cases.</summary>
public class SacreBleuGoldenTests
{
    private const string Folder = "sacrebleu-wmt17";
    private const double Tolerance = 1e-9;

    private static readonly Lazy<JsonNode> Golden = new(() => JsonNode.Parse(File.ReadAllText(EvalData.PathOf($"{Folder}/golden_corpus.json")!))!);
    private static readonly Lazy<string[]> Reference = new(() => Segments("reference"));

    [EvalDataFact(Folder)]
    public void Corpus_SixteenSystems_HaveThePublishedScoresAndSignatures()
    {
        Dictionary<string, TextMetric> metrics = new()
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
        foreach ((string system, JsonNode? scores) in Golden.Value["systems"]!.AsObject())
        {
            string[] hypotheses = Segments(system);
            Assert.Equal(metrics.Keys.Order(), scores!.AsObject().Select(pair => pair.Key).Order());
            foreach ((string name, JsonNode? expected) in scores.AsObject())
            {
                ScoredCorpus scored = ScoredCorpus.Of(metrics[name], hypotheses, [Reference.Value]);
                Assert.Equal(expected!["score"]!.GetValue<double>(), scored.Score, Tolerance);
                Assert.Equal(expected["signature"]!.GetValue<string>(), scored.Signature);
                if (expected["sys_len"] is { } length) Assert.Contains($"hyp_len = {length} ref_len = {expected["ref_len"]}", scored.Explanation, StringComparison.Ordinal);
            }
        }
    }

    [EvalDataFact(Folder)]
    public void Ter_FirstSegments_HasThePublishedScores()
    {
        foreach ((string system, JsonNode? expected) in Golden.Value["ter"]!.AsObject())
        {
            ScoredCorpus scored = ScoredCorpus.Of(new TerMetric(), Segments(system)[..300], [Reference.Value[..300]]);
            Assert.Equal(expected!["TER"]!.GetValue<double>(), scored.Score, Tolerance);
            Assert.Equal(expected["signature"]!.GetValue<string>(), scored.Signature);
            Assert.Equal($"edits = {expected["num_edits"]} ref_len = {expected["ref_length"]!.GetValue<double>()}", scored.Explanation);
            var plain = new TerMetric(new() { Normalized = true, NoPunctuation = true });
            ScoredCorpus normalized = ScoredCorpus.Of(plain, Segments(system)[..100], [Reference.Value[..100]]);
            Assert.Equal(expected["TER_norm_nopunct_first100"]!.GetValue<double>(), normalized.Score, Tolerance);
        }
    }

    [EvalDataFact(Folder)]
    public void SegmentScores_TwoHundredRows_AreThePublishedOnes()
    {
        JsonNode sentence = Golden.Value["sentence"]!;
        string[] hypotheses = Segments(sentence["system"]!.GetValue<string>());
        Dictionary<string, TextMetric> metrics = new()
        {
            ["bleu_eff_exp"] = new BleuMetric(new() { EffectiveOrder = true }),
            ["bleu_noeff_exp"] = new BleuMetric(),
            ["bleu_eff_floor"] = new BleuMetric(new() { EffectiveOrder = true, Smoothing = BleuSmoothing.Floor }),
            ["bleu_eff_addk"] = new BleuMetric(new() { EffectiveOrder = true, Smoothing = BleuSmoothing.AddK }),
            ["chrf"] = new ChrfMetric(),
            ["chrfpp"] = new ChrfMetric(new() { WordOrder = 2 }),
            ["ter"] = new TerMetric(),
        };
        foreach (JsonNode? row in sentence["rows"]!.AsArray())
        {
            int i = row!["i"]!.GetValue<int>();
            foreach ((string name, TextMetric metric) in metrics)
                Assert.Equal(row[name]!.GetValue<double>(), metric.Score(metric.Statistics(hypotheses[i], [Reference.Value[i]])), Tolerance);
        }
    }

    [EvalDataFact(Folder)]
    public void Corpus_TwoReferences_HasThePublishedScores()
    {
        JsonNode expected = Golden.Value["multiref"]!;
        string[] hypotheses = Segments(expected["hyp"]!.GetValue<string>());
        string[][] references = [.. expected["refs"]!.AsArray().Select(name => Segments(name!.GetValue<string>()))];
        Assert.Equal(expected["BLEU"]!.GetValue<double>(), ScoredCorpus.Of(new BleuMetric(), hypotheses, references).Score, Tolerance);
        Assert.Equal(expected["chrF"]!.GetValue<double>(), ScoredCorpus.Of(new ChrfMetric(), hypotheses, references).Score, Tolerance);
        string[][] first = [.. references.Select(column => column[..100])];
        Assert.Equal(expected["TER_first100"]!.GetValue<double>(), ScoredCorpus.Of(new TerMetric(), hypotheses[..100], first).Score, Tolerance);
    }

    [EvalDataFact(Folder)]
    public void Tokenizers_PublishedStrings_GiveThePublishedWords()
    {
        foreach (JsonNode? row in Golden.Value["tokenize"]!.AsArray())
        {
            string text = row!["in"]!.GetValue<string>();
            Assert.Equal(Words(row["13a"]), AgentKit.Eval.Text.MtevalTokenizer.Mteval13a(text));
            Assert.Equal(Words(row["intl"]), AgentKit.Eval.Text.MtevalTokenizer.International(text));
            Assert.Equal(Words(row["char"]), AgentKit.Eval.Text.MtevalTokenizer.Characters(text));
            Assert.Equal(Words(row["zh"]), AgentKit.Eval.Text.MtevalTokenizer.Chinese(text));
        }
    }

    [EvalDataFact(Folder)]
    public void Bleu_EveryOption_HasThePublishedScoreAndSignature()
    {
        JsonNode example = Golden.Value["readme_case"]!;
        string[] hypotheses = Strings(example["hyps"]);
        string[][] references = [.. example["refs"]!.AsArray().Select(Strings)];
        foreach (JsonNode? row in example["bleu"]!.AsArray())
        {
            ScoredCorpus scored = ScoredCorpus.Of(new BleuMetric(Options(row!["kw"]!)), hypotheses, references);
            Assert.Equal(row["score"]!.GetValue<double>(), scored.Score, Tolerance);
            Assert.Equal(row["sig"]!.GetValue<string>(), scored.Signature);
            Assert.Equal(row["verbose"]!.GetValue<string>().Split(' ', 4)[3], scored.Explanation);
        }

        Assert.Equal(example["chrf"]!.GetValue<double>(), ScoredCorpus.Of(new ChrfMetric(), hypotheses, references).Score, Tolerance);
        Assert.Equal(example["chrfpp"]!.GetValue<double>(), ScoredCorpus.Of(new ChrfMetric(new() { WordOrder = 2 }), hypotheses, references).Score, Tolerance);
        Assert.Equal(example["ter"]!.GetValue<double>(), ScoredCorpus.Of(new TerMetric(), hypotheses, references).Score, Tolerance);
    }

    private static BleuOptions Options(JsonNode kw) => new()
    {
        Tokenizer = (string?)kw["tokenize"] switch
        {
            "none" => BleuTokenizer.None,
            "intl" => BleuTokenizer.International,
            "char" => BleuTokenizer.Character,
            _ => BleuTokenizer.Mteval13a,
        },
        Smoothing = (string?)kw["smooth_method"] switch
        {
            "none" => BleuSmoothing.None,
            "floor" => BleuSmoothing.Floor,
            "add-k" => BleuSmoothing.AddK,
            _ => BleuSmoothing.Exponential,
        },
        SmoothingValue = (double?)kw["smooth_value"],
        Lowercase = (bool?)kw["lowercase"] ?? false,
        EffectiveOrder = (bool?)kw["effective_order"] ?? false,
        MaxOrder = (int?)kw["max_ngram_order"] ?? 4,
    };

    private static List<string> Words(JsonNode? text) => AgentKit.Eval.Text.PythonText.Split(text!.GetValue<string>());

    private static string[] Strings(JsonNode? array) => [.. array!.AsArray().Select(text => text!.GetValue<string>())];

    private static string[] Segments(string system) => EvalData.Lines($"{Folder}/{system}.txt");
}
