using AgentKit.Eval.Metrics;

namespace AgentKit.Tests.Eval;

public class RougeSummaryTests
{
    private static readonly RougeMetric Metric = new(RougeVariant.RougeLsum);

    /// <summary>The example of Lin 2004, section 3.2: the union of both subsequences holds four of five words.</summary>
    [Fact]
    public void Statistics_ExampleOfThePaper_UnitesTheSubsequences()
    {
        double[] row = Metric.Statistics("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", ["w1 w2 w3 w4 w5"]);
        Assert.Equal([0.4, 0.8, 0.5333, 1], row.Select(value => Math.Round(value, 4)));
    }

    [Theory]
    [InlineData("the cat sat\nthe dog ran", "the dog ran\nthe cat sat", 1)]
    [InlineData("the cat sat<n>the dog ran", "the dog ran\nthe cat sat", 1)]
    [InlineData("the the the", "the cat", 0.4)]
    [InlineData("", "the cat", 0)]
    public void Score_OfSummaries_DoesNotDependOnTheOrderOfSentences(string hypothesis, string reference, double expected) =>
        Assert.Equal(expected, Metric.Score(Metric.Statistics(hypothesis, [reference])), 12);

    [Fact]
    public void Score_OneSentenceEach_IsRougeL()
    {
        (string hypothesis, string reference) = ("the quick brown fox jumps", "the brown dog quickly jumps over");
        double plain = new RougeMetric(RougeVariant.RougeL).Statistics(hypothesis, [reference])[2];
        Assert.Equal(plain, Metric.Statistics(hypothesis, [reference])[2], 12);
    }
}
