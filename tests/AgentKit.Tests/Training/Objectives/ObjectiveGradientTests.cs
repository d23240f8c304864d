using AgentKit.Training.Objectives;

namespace AgentKit.Tests.Training.Objectives;

/// <summary>Every gradient against central differences, on random inputs.</summary>
public class ObjectiveGradientTests
{
    private const double Step = 1e-5;
    private const double Tolerance = 1e-7;
    private const int Rounds = 20;

    [Fact]
    public void Sft_Gradient_MatchesCentralDifferences() => Repeat(random =>
    {
        double[][] logits = Rows(random, 4, 6);
        int[] targets = [.. logits.Select(row => random.Next(row.Length))];
        double[] weights = [1, 0, random.NextDouble(), 2];
        Check(logits, () => SftObjective.ComputeFromLogits(logits, targets, weights) is var r ? (r.Loss, r.Gradient) : default);
    });

    [Theory]
    [InlineData(DpoVariant.Sigmoid, 0)]
    [InlineData(DpoVariant.Sigmoid, 0.2)]
    [InlineData(DpoVariant.Ipo, 0)]
    [InlineData(DpoVariant.Hinge, 0)]
    public void Dpo_Gradient_MatchesCentralDifferences(DpoVariant variant, double smoothing) => Repeat(random =>
    {
        PreferencePair<CompletionLogProbabilities>[] pairs = Pairs(random);
        DpoOptions options = new() { Beta = 0.05 + random.NextDouble(), Variant = variant, LabelSmoothing = smoothing };
        Check(Inputs(pairs), () => Flat(DpoObjective.Compute(pairs, options)));
    });

    [Fact]
    public void SimPo_Gradient_MatchesCentralDifferences() => Repeat(random =>
    {
        PreferencePair<CompletionLogProbabilities>[] pairs = Pairs(random);
        Check(Inputs(pairs), () => Flat(SimPoObjective.Compute(pairs)));
    });

    [Fact]
    public void Orpo_Gradient_MatchesCentralDifferences() => Repeat(random =>
    {
        PreferencePair<CompletionLogProbabilities>[] pairs = Pairs(random);
        Check(Inputs(pairs), () => Flat(OrpoObjective.Compute(pairs, new() { Lambda = 0.7 })));
    });

    [Fact]
    public void Kto_Gradient_MatchesCentralDifferences() => Repeat(random =>
    {
        LabelledCompletion[] rows = [.. Enumerable.Range(0, 4).Select(i => new LabelledCompletion(Completion(random), i % 2 == 0))];
        KtoOptions options = new() { Beta = 0.4, DesirableWeight = 1.5 };
        Check([.. rows.Select(row => row.Completion.Policy)], () => KtoObjective.Compute(rows, 0.3, options) is var r ? (r.Loss, r.Gradient) : default);
    });

    [Theory]
    [InlineData(GrpoVariant.Grpo, true)]
    [InlineData(GrpoVariant.Dapo, true)]
    [InlineData(GrpoVariant.DrGrpo, false)]
    public void Grpo_Gradient_MatchesCentralDifferences(GrpoVariant variant, bool scale) => Repeat(random =>
    {
        CompletionGroup[] groups = Groups(random);
        GrpoOptions options = new() { Variant = variant, ScaleRewards = scale, MaxLength = 9, ClipHigh = 0.28 };
        Check(Inputs(groups), () => GrpoObjective.Compute(groups, options) is var r ? (r.Loss, [.. r.Gradient.SelectMany(group => group)]) : default);
    });

    [Fact]
    public void Ppo_Gradient_MatchesCentralDifferences() => Repeat(random =>
    {
        PpoRow[] rows = [.. Enumerable.Range(0, 3).Select(_ => Completion(random) is var c
            ? new PpoRow(c, Normal(random, c.Tokens), Normal(random, c.Tokens), Normal(random, c.Tokens), Normal(random, c.Tokens)) : null!)];
        PpoOptions options = new() { ValueClip = 0.3 };
        double[][] inputs = [.. rows.Select(row => row.Completion.Policy), .. rows.Select(row => row.Values)];
        Check(inputs, () => PpoObjective.Compute(rows, options) is var r
            ? (r.Loss, [.. r.Gradient.Select(row => row.LogProbabilities), .. r.Gradient.Select(row => row.Values)]) : default);
    });

    [Theory]
    [InlineData(DistillationDirection.Forward)]
    [InlineData(DistillationDirection.Reverse)]
    public void Distillation_Gradient_MatchesCentralDifferences(DistillationDirection direction) => Repeat(random =>
    {
        double[][] student = Rows(random, 3, 5), teacher = Rows(random, 3, 5);
        DistillationOptions options = new() { Temperature = 0.5 + (2 * random.NextDouble()), Direction = direction };
        Check(student, () => DistillationObjective.Compute(student, teacher, [1, 0.5, 0], options) is var r ? (r.Loss, r.Gradient) : default);
    });

    private static void Repeat(Action<Random> round)
    {
        for (int seed = 0; seed < Rounds; seed++) round(new Random(seed));
    }

    /// <summary>The loss is computed anew with each number moved up and down in place. A number on a kink may differ; so close to one none is drawn.</summary>
    private static void Check(double[][] inputs, Func<(double Loss, double[][] Gradient)> compute)
    {
        double[][] gradient = compute().Gradient;
        Assert.Equal(inputs.Select(row => row.Length), gradient.Select(row => row.Length));
        foreach ((double[] row, double[] slopes) in inputs.Zip(gradient))
        {
            for (int i = 0; i < row.Length; i++)
            {
                double kept = row[i];
                row[i] = kept + Step;
                double above = compute().Loss;
                row[i] = kept - Step;
                double below = compute().Loss;
                row[i] = kept;
                Assert.Equal((above - below) / (2 * Step), slopes[i], Tolerance);
            }
        }
    }

    private static (double, double[][]) Flat(ObjectiveResult<PreferencePair<double[]>[]> result) =>
        (result.Loss, [.. result.Gradient.SelectMany(pair => (double[][])[pair.Chosen, pair.Rejected])]);

    private static double[][] Inputs(PreferencePair<CompletionLogProbabilities>[] pairs) =>
        [.. pairs.SelectMany(pair => (double[][])[pair.Chosen.Policy, pair.Rejected.Policy])];

    private static double[][] Inputs(CompletionGroup[] groups) => [.. groups.SelectMany(group => group.Completions.Select(completion => completion.Policy))];

    private static PreferencePair<CompletionLogProbabilities>[] Pairs(Random random) =>
        [.. Enumerable.Range(0, 3).Select(_ => new PreferencePair<CompletionLogProbabilities>(Completion(random), Completion(random)))];

    private static CompletionGroup[] Groups(Random random) => [.. Enumerable.Range(2, 2).Select(count => new CompletionGroup(
        [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())], [.. Enumerable.Range(0, count).Select(_ => Completion(random))]))];

    private static CompletionLogProbabilities Completion(Random random)
    {
        double[] policy = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => -0.05 - (3 * random.NextDouble()))];
        double[] Near() => [.. policy.Select(value => value + random.NextDouble() - 0.5)];
        return new(policy, Near(), Near());
    }

    private static double[] Normal(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (4 * random.NextDouble()) - 2)];

    private static double[][] Rows(Random random, int rows, int columns) => [.. Enumerable.Range(0, rows).Select(_ => Normal(random, columns))];
}
