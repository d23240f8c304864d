using AgentKit.Training.Objectives;
using AgentKit.Training.Rollouts;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Training.Objectives;

/// <summary>Advantages of tokens against values worked out by hand.</summary>
public sealed class AdvantagesTests
{
    [Fact]
    public void Generalized_ThreeTokens_AreTheDiscountedSumsOfTheirErrors()
    {
        // δ₂ = 1 − 0.2 = 0.8; δ₁ = 0.5·0.2 − 0.4 = −0.3; δ₀ = 0.1 + 0.5·0.4 − 0.6 = −0.3; γλ = 0.4.
        double[] advantages = Advantages.Generalized([0.1, 0, 1], [0.6, 0.4, 0.2], gamma: 0.5, lambda: 0.8);
        Assert.Equal([-0.3 + (0.4 * (-0.3 + (0.4 * 0.8))), -0.3 + (0.4 * 0.8), 0.8], advantages, (x, y) => Math.Abs(x - y) < 1e-15);
    }

    [Fact]
    public void Generalized_LambdaOne_IsWhatWasEarnedLessWhatWasExpected() =>
        Assert.Equal([1.5 - 0.6, 1.5 - 0.4, 1 - 0.2], Advantages.Generalized([0, 0.5, 1], [0.6, 0.4, 0.2], gamma: 1, lambda: 1), (x, y) => Math.Abs(x - y) < 1e-15);

    [Fact]
    public void Generalized_LambdaZero_LooksOneTokenAhead() =>
        Assert.Equal([0.4 - 0.6, 0.5 + 0.2 - 0.4, 1 - 0.2], Advantages.Generalized([0, 0.5, 1], [0.6, 0.4, 0.2], gamma: 1, lambda: 0), (x, y) => Math.Abs(x - y) < 1e-15);

    [Fact]
    public void Generalized_OtherLengths_AreRefused() =>
        Assert.Contains("1 rewards and 2 values", Assert.Throws<ArgumentException>(() => Advantages.Generalized([1], [1, 2], 1, 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Whitened_SeveralCompletions_HaveMeanZeroAndVarianceOneOverAllTokens()
    {
        // Mean 3, variance (4 + 1 + 0 + 1 + 4) / 5 = 2.
        double[][] whitened = Advantages.Whitened([[1, 2, 3], [4, 5]]);
        double unit = 1 / Math.Sqrt(2);
        Assert.Equal([-2 * unit, -unit, 0, unit, 2 * unit], whitened.SelectMany(row => row), (x, y) => Math.Abs(x - y) < 1e-7);
        Assert.Equal([3, 2], whitened.Select(row => row.Length));
    }

    [Fact]
    public void Whitened_EqualAdvantages_AreZeros() => Assert.All(Advantages.Whitened([[2, 2], [2]]), row => Assert.All(row, value => Assert.Equal(0, value)));

    [Fact]
    public void TokenRewards_PayForTheDivergenceAtEachTokenAndEarnAtTheLast()
    {
        double[] rewards = PpoTargets.TokenRewards(1, [-1, -2, -3], [-1.5, -2, -2], beta: 0.1);
        Assert.Equal([-0.05, 0, 1 + 0.1], rewards, (x, y) => Math.Abs(x - y) < 1e-15);
        Assert.Equal([0, 0, 1], PpoTargets.TokenRewards(1, [-1, -2, -3], null, beta: 0.1));
    }

    [Fact]
    public void Targets_OfARound_AddUpToItsReturns()
    {
        RolloutRound round = new(0, 1, [Judged(1, [0.5, 0.5]), Judged(0, [0.5])]);
        PpoTargets targets = PpoTargets.Of(round, new() { Model = "", Data = "", Out = "", KlBeta = 0, Gamma = 1, Lambda = 1 });
        // Returns 1, 1 and 0; errors 0.5, 0.5 and −0.5: variance 2/9 on both sides, so equal expectations explain nothing.
        Assert.Equal([1, 1, 0], targets.Returns.SelectMany(row => row));
        Assert.Equal(0, targets.ExplainedVariance, 1e-12);
        Assert.Equal([1 / Math.Sqrt(2), 1 / Math.Sqrt(2), -Math.Sqrt(2)], targets.Advantages.SelectMany(row => row), (x, y) => Math.Abs(x - y) < 1e-6);
        RolloutRound foreseen = new(0, 1, [Judged(1, [0.9, 0.9]), Judged(0, [0.1])]);
        Assert.True(PpoTargets.Of(foreseen, new() { Model = "", Data = "", Out = "", KlBeta = 0, Lambda = 1 }).ExplainedVariance > 0.9);
    }

    private static JudgedRollout Judged(double reward, double[] values) =>
        new(1, new int[values.Length + 1], 1, "", true, reward, new Dictionary<string, double>(), 0) { Values = values, Old = new double[values.Length] };
}
