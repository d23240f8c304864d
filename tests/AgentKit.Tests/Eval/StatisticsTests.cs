using AgentKit.Eval.Metrics;
using AgentKit.Eval.Statistics;
using AgentKit.Kernel.Errors;

namespace AgentKit.Tests.Eval;

public class StatisticsTests
{
    private static readonly string[] Reference =
        [.. Enumerable.Range(0, 60).Select(i => $"the {i} quick brown foxes jump over {i % 7} lazy dogs")];
    private static readonly string[] Good = [.. Reference.Select((text, i) => i % 10 == 0 ? "something else here" : text)];
    private static readonly string[] Poor = [.. Reference.Select((text, i) => i % 2 == 0 ? "something else here" : text)];

    // Values of the closed formula, computed by hand with z = 1.959964.
    [Theory]
    [InlineData(8, 10, 0.490162, 0.943318)]
    [InlineData(0, 10, 0, 0.277533)]
    [InlineData(10, 10, 0.722467, 1)]
    public void Wilson_KnownCounts_HaveTheKnownBounds(int successes, int trials, double lower, double upper)
    {
        ConfidenceInterval interval = Proportion.Wilson(successes, trials);
        Assert.Equal(lower, interval.Lower, 1e-5);
        Assert.Equal(upper, interval.Upper, 1e-5);
    }

    [Fact]
    public void Normal_HalfOfHundred_IsPlusMinusNineEightTenths()
    {
        ConfidenceInterval interval = Proportion.Normal(50, 100);
        Assert.Equal(0.5 - 0.0979982, interval.Lower, 1e-6);
        Assert.Equal(0.5 + 0.0979982, interval.Upper, 1e-6);
    }

    [Theory]
    [InlineData(5, 2, 1, 0.4)]
    [InlineData(5, 2, 2, 0.7)]
    [InlineData(5, 4, 2, 1)]
    [InlineData(5, 0, 5, 0)]
    public void PassAtK_SmallCounts_IsTheShareOfSubsets(int attempts, int right, int k, double expected) =>
        Assert.Equal(expected, Proportion.PassAtK(attempts, right, k), 1e-12);

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(5, 5, 1)]
    [InlineData(0, 6, 0.03125)]
    [InlineData(1, 9, 0.021484375)]
    [InlineData(9, 1, 0.021484375)]
    public void McNemar_KnownCounts_IsTheBinomialTail(int first, int second, double expected) =>
        Assert.Equal(expected, McNemar.Exact(first, second), 1e-12);

    [Fact]
    public void McNemar_ThousandsOfSamples_DoesNotUnderflow()
    {
        Assert.Equal(1, McNemar.Exact(2000, 2000), 1e-9);
        Assert.InRange(McNemar.Exact(1900, 2100), 1e-3, 2e-3);
    }

    [Fact]
    public void Holm_ThreeValues_AreMultipliedAndNeverDecrease() =>
        Assert.Equal([0.03, 0.06, 0.06], Holm.Adjust([0.01, 0.04, 0.03]).Select(p => Math.Round(p, 12)));

    [Fact]
    public void Interval_SameSeed_IsTheSameAndHoldsTheMean()
    {
        double[] values = [.. Enumerable.Range(0, 100).Select(i => (double)(i % 5))];
        ConfidenceInterval interval = Bootstrap.Mean(values, seed: 7);
        Assert.Equal(interval, Bootstrap.Mean(values, seed: 7));
        Assert.NotEqual(interval, Bootstrap.Mean(values, seed: 8));
        // The normal interval is 2 ± 1.96 · 1.4142 / 10.
        Assert.InRange(interval.Lower, 1.66, 1.80);
        Assert.InRange(interval.Upper, 2.20, 2.34);
    }

    [Fact]
    public void PairedTests_ClearDifference_FindIt()
    {
        ScoredCorpus good = ScoredCorpus.Of(new BleuMetric(), Good, [Reference]);
        ScoredCorpus poor = ScoredCorpus.Of(new BleuMetric(), Poor, [Reference]);
        PairedResult bootstrap = PairedTest.Bootstrap(good, poor, 500);
        PairedResult randomization = PairedTest.Randomization(good, poor, 500);
        Assert.Equal(good.Score - poor.Score, bootstrap.Difference, 1e-12);
        Assert.InRange(bootstrap.PValue, 1.0 / 501, 0.01);
        Assert.InRange(randomization.PValue, 1.0 / 501, 0.01);
        Assert.InRange(bootstrap.Interval.Lower, 1, bootstrap.Difference);
        Assert.Equal(bootstrap, PairedTest.Bootstrap(good, poor, 500));
    }

    [Fact]
    public void Randomization_SystemAgainstItself_IsNoDifference()
    {
        ScoredCorpus good = ScoredCorpus.Of(new BleuMetric(), Good, [Reference]);
        PairedResult result = PairedTest.Randomization(good, good, 100);
        Assert.Equal(0, result.Difference);
        Assert.Equal(new ConfidenceInterval(0, 0), result.Interval);
    }

    [Fact]
    public void PairedTests_DifferentSignatures_AreRefused()
    {
        ScoredCorpus cased = ScoredCorpus.Of(new BleuMetric(), Good, [Reference]);
        ScoredCorpus lower = ScoredCorpus.Of(new BleuMetric(new() { Lowercase = true }), Good, [Reference]);
        Assert.Contains(
            "case:lc", Assert.Throws<UserInputException>(() => PairedTest.Bootstrap(cased, lower)).Message, StringComparison.Ordinal);
    }
}
