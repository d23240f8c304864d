using AgentKit.Testing;
using AgentKit.Training.Engine;

namespace AgentKit.Tests.Training.Engine;

/// <summary>Which way of multiplying is taken.</summary>
public sealed class ProductChoiceTests
{
    [Theory]
    [InlineData(1.0, 0.9, 0.6, ProductPath.Own)]
    [InlineData(1.0, 0.6, 2.0, ProductPath.Ggml)]
    [InlineData(1.0, 2.0, 0.4, ProductPath.OneDnn)]
    [InlineData(1.0, 0.5, 0.3, ProductPath.Ggml)]
    [InlineData(1.0, 0.5, 0.2, ProductPath.OneDnn)]
    public void Fastest_OfMeasuredWays_MustGainMoreThanNoiseAndMoreStillForRounding(double own, double ggml, double rounded, ProductPath expected) =>
        Assert.Equal(expected, ProductChoice.Fastest([Time(ProductPath.Own, own), Time(ProductPath.Ggml, ggml), Time(ProductPath.OneDnn, rounded)]));

    [Theory]
    [InlineData(0.1)]
    [InlineData(double.PositiveInfinity)]
    public void Fastest_AWayThatIsWrong_IsNotTaken(double difference) =>
        Assert.Equal(ProductPath.Own, ProductChoice.Fastest([Time(ProductPath.Own, 1), Time(ProductPath.OneDnn, 0.1) with { Difference = difference }]));

    [NativeFact]
    public void Measure_EveryWayOfThisMachine_GivesTheSameDerivatives()
    {
        IReadOnlyList<ProductTime> times = ProductChoice.Measure(ProductChoice.Available, 96, 160, threads: 2);
        Assert.Equal(ProductChoice.Available, times.Select(time => time.Path));
        Assert.All(times, time =>
        {
            Assert.InRange(time.Difference, 0, time.Path == ProductPath.OneDnn ? 0.01 : 1e-5);
            Assert.True(double.IsFinite(time.Rate) && time.Rate > 0);
        });
    }

    private static ProductTime Time(ProductPath path, double seconds) => new(path, seconds, 1, 0);
}
