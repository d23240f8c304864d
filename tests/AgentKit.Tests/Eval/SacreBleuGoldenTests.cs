using System.Text.Json.Nodes;
using AgentKit.Eval.Metrics;
using AgentKit.Eval.Text;
using AgentKit.Testing;
using static AgentKit.Testing.SacreBleuGolden;

namespace AgentKit.Tests.Eval;

/// <summary>Scores that sacreBLEU 2.6.0 gave for WMT 2017 systems and for hand-made cases.</summary>
public class SacreBleuGoldenTests
{
    [EvalDataFact(Folder)]
    public void Corpus_ThreeSystems_HaveThePublishedScoresAndSignatures()
    {
        // The file of online-A begins with a byte order mark. The slow tests check all systems.
        foreach (string name in (string[])["newstest2017.LIUM-NMT.4900.en-de", "newstest2017.FBK.4870.en-de",
            "newstest2017.online-A.0.en-de"])
            SacreBleuGolden.CheckSystem(name);
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
                Assert.Equal(
                    row[name]!.GetValue<double>(), metric.Score(metric.Statistics(hypotheses[i], [Reference.Value[i]])), Tolerance);
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
        Assert.Equal(
            expected["TER_first100"]!.GetValue<double>(), ScoredCorpus.Of(new TerMetric(), hypotheses[..100], first).Score, Tolerance);
    }

    [EvalDataFact(Folder)]
    public void Tokenizers_PublishedStrings_GiveThePublishedWords()
    {
        foreach (JsonNode? row in Golden.Value["tokenize"]!.AsArray())
        {
            string text = row!["in"]!.GetValue<string>();
            Assert.Equal(Words(row["13a"]), PythonText.Split(MtevalTokenizer.Mteval13a(text)));
            Assert.Equal(Words(row["intl"]), PythonText.Split(MtevalTokenizer.International(text)));
            Assert.Equal(Words(row["char"]), PythonText.Split(MtevalTokenizer.Characters(text)));
            Assert.Equal(Words(row["zh"]), PythonText.Split(MtevalTokenizer.Chinese(text)));
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
        Assert.Equal(example["chrfpp"]!.GetValue<double>(), ScoredCorpus.Of(
            new ChrfMetric(new() { WordOrder = 2 }), hypotheses, references).Score, Tolerance);
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

    private static List<string> Words(JsonNode? text) => PythonText.Split(text!.GetValue<string>());

    private static string[] Strings(JsonNode? array) => [.. array!.AsArray().Select(text => text!.GetValue<string>())];
}
