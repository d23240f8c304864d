using AgentKit.Eval.Metrics;
using AgentKit.Eval.Text;
using AgentKit.Kernel.Errors;

namespace AgentKit.Tests.Eval;

public class TextMetricTests
{
    // Six of 8 and 9 words, two of 7 and 8 pairs, a common subsequence of five words.
    [Theory]
    [InlineData(RougeVariant.Rouge1, "The quick brown dog jumps on the log.", "The quick brown fox jumps over the lazy dog", 12.0 / 17)]
    [InlineData(RougeVariant.Rouge2, "The quick brown dog jumps on the log.", "The quick brown fox jumps over the lazy dog", 4.0 / 15)]
    [InlineData(RougeVariant.RougeL, "The quick brown dog jumps on the log.", "The quick brown fox jumps over the lazy dog", 10.0 / 17)]
    [InlineData(RougeVariant.RougeL, "", "anything", 0)]
    [InlineData(RougeVariant.Rouge2, "one", "one", 0)]
    [InlineData(RougeVariant.Rouge1, "don't stop", "don t stop", 1)]
    public void Rouge_KnownPairs_HaveTheKnownF1(RougeVariant variant, string hypothesis, string reference, double expected) =>
        Assert.Equal(expected, ScoredCorpus.Of(new RougeMetric(variant), [hypothesis], [[reference]]).Score, 1e-12);

    [Fact]
    public void Rouge_TwoReferences_TakesTheBetter()
    {
        ScoredCorpus scored = ScoredCorpus.Of(new RougeMetric(RougeVariant.Rouge1), ["a b", "c"], [["x", "c"], ["a b", "d"]]);
        Assert.Equal(1, scored.Score, 1e-12);
    }

    [Theory]
    [InlineData("The cat!", "a CAT", 100, 100)]
    [InlineData("in the big house", "the house", 0, 50)]
    [InlineData("", "", 100, 100)]
    [InlineData("", "cat", 0, 0)]
    public void AnswerMetrics_KnownPairs_HaveTheKnownScores(string answer, string reference, double exact, double f1)
    {
        var (exactMetric, f1Metric) = (new AnswerMetric(exact: true), new AnswerMetric(exact: false));
        Assert.Equal(exact, exactMetric.Score(exactMetric.Statistics(answer, [reference])), 1e-9);
        Assert.Equal(f1, f1Metric.Score(f1Metric.Statistics(answer, [reference])), 1e-9);
    }

    [Fact]
    public void Bleu_EqualTexts_IsHundredAndNothingSharedIsZero()
    {
        Assert.Equal(100, ScoredCorpus.Of(new BleuMetric(), ["a b c d e"], [["a b c d e"]]).Score, 1e-9);
        Assert.Equal(0, ScoredCorpus.Of(new BleuMetric(), ["a b c d e"], [["f g h i j"]]).Score);
        Assert.Equal(0, ScoredCorpus.Of(new BleuMetric(), [""], [["f g h i j"]]).Score);
    }

    [Theory]
    [InlineData("a b c d", "a b c d", 0)]
    [InlineData("c d a b", "a b c d", 25)]
    [InlineData("", "a b", 100)]
    [InlineData("a b x", "a b", 50)]
    public void Ter_SmallPairs_CountsBlockMovesAsOneEdit(string hypothesis, string reference, double expected) =>
        Assert.Equal(expected, ScoredCorpus.Of(new TerMetric(), [hypothesis], [[reference]]).Score, 1e-9);

    [Fact]
    public void Ter_AsianText_IsCutIntoCharactersOnlyWhenAsked()
    {
        string[] hypothesis = ["我有一帽"];
        string[] reference = ["我有一顶帽"];
        Assert.Equal(100, ScoredCorpus.Of(new TerMetric(), hypothesis, [reference]).Score, 1e-9);
        var asian = new TerMetric(new() { Normalized = true, AsianSupport = true });
        Assert.Equal(20, ScoredCorpus.Of(asian, hypothesis, [reference]).Score, 1e-9);
    }

    [Fact]
    public void Of_SegmentsWithFewerReferences_SaysSoInTheSignature()
    {
        ScoredCorpus scored = ScoredCorpus.Of(new ChrfMetric(), ["a b", "c d"], [["a b", "c d"], ["", "c e"]]);
        Assert.StartsWith("nrefs:var|", scored.Signature, StringComparison.Ordinal);
        Assert.Equal(100, scored.Score, 1e-9);
    }

    [Fact]
    public void Of_WrongCounts_NamesWhatIsWrong()
    {
        Assert.Contains("2 segments", Error(["a"], [["a", "b"]]), StringComparison.Ordinal);
        Assert.Contains("Segment 2", Error(["a", "b"], [["a", ""]]), StringComparison.Ordinal);
        Assert.Contains("no hypotheses", Error([], [[]]), StringComparison.Ordinal);
        Assert.Contains("no references", Error(["a"], []), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ΟΔΟΣ", "οδος")]
    [InlineData("ΟΔΟΣ Σ", "οδος σ")]
    [InlineData("İSTANBUL", "i̇stanbul")]
    [InlineData("ÄÖÜ ẞ", "äöü ß")]
    public void Lower_SpecialLetters_IsPythons(string text, string expected) => Assert.Equal(expected, PythonText.Lower(text));

    [Fact]
    public void CodePoints_PairsAndLoneSurrogates_AreOneEach() =>
        Assert.Equal([0x61, 0x1f600, 0xd83d], PythonText.CodePoints("a😀\ud83d"));

    private static string Error(string[] hypotheses, string[][] references) =>
        Assert.Throws<UserInputException>(() => ScoredCorpus.Of(new BleuMetric(), hypotheses, references)).Message;
}
