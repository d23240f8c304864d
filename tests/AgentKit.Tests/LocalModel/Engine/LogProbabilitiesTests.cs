using AgentKit.Models.Engine;

namespace AgentKit.Tests.Models.Engine;

public sealed class LogProbabilitiesTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1023, 1)]
    [InlineData(1025, 30)]
    [InlineData(152_000, 12)]
    public void LogSumExp_AnyRow_AgreesWithDoublePrecision(int size, float scale)
    {
        Random random = new(size);
        float[] logits = [.. Enumerable.Range(0, size).Select(_ => (random.NextSingle() - 0.5f) * scale)];
        double max = logits.Max();
        double expected = max + Math.Log(logits.Sum(x => Math.Exp(x - max)));
        Assert.Equal(expected, LogProbabilities.LogSumExp(logits), 2e-6);
    }

    [Fact]
    public void LogSumExp_MaskedLogits_CountForNothing() =>
        Assert.Equal(2 + Math.Log(2), LogProbabilities.LogSumExp([2, float.NegativeInfinity, 2]), 1e-9);
}
