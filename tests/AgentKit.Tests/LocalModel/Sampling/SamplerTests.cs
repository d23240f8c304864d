using AgentKit.Models;
using AgentKit.Models.Sampling;

namespace AgentKit.Tests.Models.Sampling;

public sealed class SamplerTests
{
    private static readonly float[] Logits = [0.5f, 2f, -1f, 2f, 1f, float.NegativeInfinity, 0f];

    [Fact]
    public void Next_Greedy_TakesTheFirstLargestLogit() => Assert.Equal(1, Next(new()));

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    public void Next_TopKOne_IsGreedyWhateverTheTemperature(long seed) =>
        Assert.Equal(1, Next(new() { Temperature = 5, TopK = 1, Seed = seed }));

    [Fact]
    public void Next_SameSeed_GivesTheSameTokens()
    {
        SamplingOptions options = new() { Temperature = 1.3f, TopK = 5, TopP = 0.95f, Seed = 7 };
        Assert.Equal(Draw(options, 50), Draw(options, 50));
        Assert.NotEqual(Draw(options, 50), Draw(options with { Seed = 8 }, 50));
    }

    [Fact]
    public void Next_FilteredTokens_AreNeverDrawn()
    {
        // Probabilities: tokens 1 and 3 have 0.36 each, token 4 0.13, token 0 0.08.
        Assert.All(Draw(new() { Temperature = 3, TopK = 3 }, 500), t => Assert.Contains(t, (int[])[1, 3, 4]));
        Assert.All(Draw(new() { Temperature = 3, TopP = 0.7f }, 500), t => Assert.Contains(t, (int[])[1, 3]));
        Assert.All(Draw(new() { Temperature = 3, MinP = 0.3f }, 500), t => Assert.Contains(t, (int[])[1, 3, 4]));
        Assert.All(Draw(new() { Temperature = 9 }, 500), t => Assert.NotEqual(5, t));
    }

    [Theory]
    [InlineData(0, 1f, 0f)]
    [InlineData(7, 1f, 0f)]
    [InlineData(0, 0.999f, 0f)]
    [InlineData(0, 1f, 0.0001f)]
    public void Next_ManyDraws_FollowTheSoftmax(int topK, float topP, float minP)
    {
        const int draws = 40_000;
        int[] counts = new int[Logits.Length];
        foreach (int token in Draw(new() { Temperature = 0.8f, TopK = topK, TopP = topP, MinP = minP, Seed = 3 }, draws))
        {
            counts[token]++;
        }

        double total = Logits.Sum(l => Math.Exp(l / 0.8));
        for (int token = 0; token < Logits.Length; token++)
        {
            double expected = Math.Exp(Logits[token] / 0.8) / total;
            double standardError = Math.Sqrt(expected * (1 - expected) / draws);
            // top-p 0.999 cuts the least likely token, which holds less than 1 %.
            Assert.InRange(counts[token] / (double)draws, expected - (5 * standardError) - 0.01, expected + (5 * standardError) + 0.01);
        }
    }

    [Fact]
    public void Next_LargeVocabulary_TopKEqualsSorting()
    {
        Random random = new(5);
        float[] logits = [.. Enumerable.Range(0, 10_007).Select(_ => (float)(random.NextDouble() * 20) - 10)];
        CandidateList candidates = new();
        candidates.TakeTop(logits, 40);
        int[] expected = [.. Enumerable.Range(0, logits.Length).OrderByDescending(t => logits[t]).ThenBy(t => t).Take(40)];
        Assert.Equal(expected, Enumerable.Range(0, candidates.Count).Select(candidates.Token));
        Assert.Equal(expected.Select(t => logits[t]), Enumerable.Range(0, candidates.Count).Select(candidates.Logit));
    }

    [Fact]
    public void Next_RepetitionPenalty_PrefersAnotherToken()
    {
        float[] logits = [.. Logits];
        Assert.Equal(4, new Sampler(new() { RepetitionPenalty = 3 }, null).Next(logits, [1, 3]));
        logits = [.. Logits];
        Assert.Equal(3, new Sampler(new() { FrequencyPenalty = 0.1f }, null).Next(logits, [1, 1]));
        logits = [.. Logits];
        Assert.Equal(1, new Sampler(new() { FrequencyPenalty = 0.1f, PenaltyWindow = 2 }, null).Next(logits, [1, 1, 0, 2]));
    }

    [Fact]
    public void Next_ConstraintRefuses_TakesTheBestAllowedToken()
    {
        OnlyTokens constraint = new(0, 2);
        Assert.Equal(0, new Sampler(new(), constraint).Next([.. Logits], []));
        Assert.Equal([0], constraint.Accepted);
    }

    [Fact]
    public void Next_NothingAllowedOrNotANumber_SaysSo()
    {
        Assert.Throws<NativeRuntimeException>(() => new Sampler(new(), new OnlyTokens()).Next([.. Logits], []));
        Assert.Throws<NativeRuntimeException>(() => new Sampler(new(), null).Next([1, float.NaN], []));
    }

    private static int Next(SamplingOptions options) => new Sampler(options, null).Next([.. Logits], []);

    private static List<int> Draw(SamplingOptions options, int count)
    {
        Sampler sampler = new(options, null);
        return [.. Enumerable.Range(0, count).Select(_ => sampler.Next([.. Logits], []))];
    }

    private sealed class OnlyTokens(params int[] allowed) : TokenConstraint
    {
        public List<int> Accepted { get; } = [];

        public override bool Allows(int token) => allowed.Contains(token);

        public override void ApplyMask(Span<float> logits)
        {
            for (int token = 0; token < logits.Length; token++)
            {
                logits[token] = Allows(token) ? logits[token] : float.NegativeInfinity;
            }
        }

        public override void Accept(int token) => Accepted.Add(token);
    }
}
