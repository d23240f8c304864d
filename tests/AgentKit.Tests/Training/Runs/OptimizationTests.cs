using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;
using AgentKit.Training.Optimization;
using AgentKit.Training.Runs;

namespace AgentKit.Tests.Training.Runs;

public class OptimizationTests
{
    [Fact]
    public void AdamW_FirstStep_MovesByTheLearningRateAgainstTheSign()
    {
        float[] weights = [1, -2, 3];
        new AdamW(3).Step(weights, [0.5f, -40, 0], 0.1);
        Assert.Equal([0.9f, -1.9f, 3f], weights, (x, y) => Math.Abs(x - y) < 1e-6);
    }

    [Fact]
    public void AdamW_ManySteps_FollowThePublishedAlgorithm()
    {
        AdamWOptions options = new() { Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, WeightDecay = 0.1 };
        var optimizer = new AdamW(1, options);
        float[] weights = [1.5f];
        double theta = 1.5, m = 0, v = 0;
        for (int t = 1; t <= 10; t++)
        {
            double slope = Math.Sin(t) * 3, rate = 0.05 / t;
            optimizer.Step(weights, [(float)slope], rate, scale: 0.5);
            m = (0.8 * m) + (0.2 * slope * 0.5);
            v = (0.95 * v) + (0.05 * slope * slope * 0.25);
            theta -= rate * ((m / (1 - Math.Pow(0.8, t)) / (Math.Sqrt(v / (1 - Math.Pow(0.95, t))) + 1e-6)) + (0.1 * theta));
        }

        Assert.Equal(theta, weights[0], 1e-5);
    }

    [Fact]
    public void AdamW8_ManySteps_StaysCloseToSinglePrecision()
    {
        var random = new Random(3);
        float[] exact = [.. Enumerable.Range(0, 700).Select(_ => random.NextSingle())], rough = [.. exact];
        Optimizer single = Optimizer.Create(exact.Length), bytes = Optimizer.Create(exact.Length, new() { EightBit = true });
        float[] start = [.. exact];
        for (int t = 0; t < 50; t++)
        {
            // Sizes from a hundredth to 1 within a block.
            float[] gradient = [.. Enumerable.Range(0, exact.Length).Select(i => (float)(Math.Pow(10, -(i % 3)) * (0.5 + random.NextDouble())))];
            single.Step(exact, gradient, 0.01);
            bytes.Step(rough, gradient, 0.01);
        }

        Assert.IsType<AdamW8>(bytes);
        double moved = exact.Zip(start, (x, y) => Math.Abs(x - y)).Average(), apart = exact.Zip(rough, (x, y) => Math.Abs(x - y)).Average();
        Assert.InRange(apart / moved, 1e-6, 0.05);
        Assert.All(rough, value => Assert.InRange(value, -2f, 2f));
    }

    [Theory]
    [InlineData(ScheduleKind.Cosine, 1, 0.25)]
    [InlineData(ScheduleKind.Cosine, 4, 1)]
    [InlineData(ScheduleKind.Cosine, 8, 0.55)]
    [InlineData(ScheduleKind.Cosine, 12, 0.1)]
    [InlineData(ScheduleKind.Linear, 6, 0.775)]
    [InlineData(ScheduleKind.Linear, 12, 0.1)]
    [InlineData(ScheduleKind.Constant, 12, 1)]
    public void Schedule_WarmsUpThenFalls(ScheduleKind kind, int step, double expected) =>
        Assert.Equal(expected, new LearningRateSchedule(1, 12, 4, kind, 0.1).At(step), 1e-12);

    [Fact]
    public void BatchPlan_EveryEpoch_HoldsEveryItemOnceInAnotherOrder()
    {
        BatchPlan plan = Plan(batchSize: 4);
        Assert.Equal(3, plan.StepsPerEpoch);
        int[] first = Lines(plan, 1, 3), second = Lines(plan, 4, 6);
        Assert.Equal(Enumerable.Range(1, 10), first.Order());
        Assert.Equal(Enumerable.Range(1, 10), second.Order());
        Assert.NotEqual(first, second);
        Assert.Equal(second, Lines(Plan(batchSize: 4), 4, 6));
    }

    [Fact]
    public void BatchPlan_Packs_KeepToTheirTokensAndPairsTogether()
    {
        IReadOnlyList<TrainingSample>[] pairs = [.. Enumerable.Range(1, 6).Select(line => (IReadOnlyList<TrainingSample>)[Sample(line, 5), Sample(line, 4)])];
        IReadOnlyList<Pack> packs = BatchPlan.PacksOf(pairs, 20);
        Assert.Equal(3, packs.Count);
        Assert.All(packs, pack => Assert.All(pack.Samples.GroupBy(sample => sample.Line), pair => Assert.Equal(2, pair.Count())));
        Assert.Equal(50, Assert.Single(BatchPlan.PacksOf([[Sample(1, 50)]], 20)).Tokens.Length);
    }

    [Fact]
    public void SftBatch_CutIntoPacks_IsTheSameLossAndGradient()
    {
        TrainingSample[] samples = [Sample(1, 4), Sample(2, 6)];
        double[] logp = [-1, -2, -0.5, -3, -0.1, -0.7, -0.9, -1.1];
        var whole = new Pack(samples);
        ObjectiveResult<double[]> together = SftBatch.Objective([whole]).OfPack(whole, logp);
        Pack[] cut = [.. samples.Select(sample => new Pack([sample]))];
        PackObjective ofPack = SftBatch.Objective(cut).OfPack;
        ObjectiveResult<double[]> first = ofPack(cut[0], logp[..3]), second = ofPack(cut[1], logp[3..]);
        Assert.Equal(together.Loss, first.Loss + second.Loss, 1e-14);
        Assert.Equal(together.Gradient, [.. first.Gradient, .. second.Gradient], (x, y) => Math.Abs(x - y) < 1e-14);
    }

    private static BatchPlan Plan(int batchSize) =>
        new([.. Enumerable.Range(1, 10).Select(line => (IReadOnlyList<TrainingSample>)[Sample(line, 5)])], batchSize, 12, seed: 3);

    private static int[] Lines(BatchPlan plan, int first, int last) =>
        [.. Enumerable.Range(first, last - first + 1).SelectMany(step => plan.Batch(step)).SelectMany(pack => pack.Samples).Select(sample => sample.Line)];

    private static TrainingSample Sample(int line, int length) =>
        new(line, [.. Enumerable.Range(0, length)], [.. Enumerable.Range(0, length).Select(t => t == 0 ? 0.0 : 1.0)]);
}
