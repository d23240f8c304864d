using AgentKit.Training.Objectives;

namespace AgentKit.Tests.Training.Objectives;

/// <summary>What the equations imply for every input, and values that can be derived by hand.</summary>
public class ObjectivePropertyTests
{
    private static readonly CompletionLogProbabilities Even = new([-1, -1], [-1, -1], [-1, -1]);

    [Fact]
    public void Sft_UniformLogits_CostsLnOfTheVocabulary()
    {
        ObjectiveResult<double[][]> result = SftObjective.ComputeFromLogits([[3, 3, 3, 3]], [1], [1]);
        Assert.Equal(Math.Log(4), result.Loss, 1e-15);
        Assert.Equal([0.25, -0.75, 0.25, 0.25], result.Gradient[0]);
    }

    [Fact]
    public void Sft_Weights_CountOnlyRelativeToEachOther()
    {
        double[][] logits = [[1, 2, 3], [0.5, -1, 0]];
        ObjectiveResult<double[][]> one = SftObjective.ComputeFromLogits(logits, [0, 2], [1, 0.25]);
        ObjectiveResult<double[][]> four = SftObjective.ComputeFromLogits(logits, [0, 2], [4, 1]);
        Assert.Equal(one.Loss, four.Loss, 1e-15);
        Assert.All(one.Gradient, row => Assert.Equal(0, row.Sum(), 1e-15));
    }

    [Fact]
    public void Sft_MaskedImpossibleToken_LeavesLossFinite()
    {
        ObjectiveResult<double[]> result = SftObjective.Compute([double.NegativeInfinity, -2], [0, 1]);
        Assert.Equal((2, 0, -1), (result.Loss, result.Gradient[0], result.Gradient[1]));
    }

    [Theory]
    [InlineData(DpoVariant.Sigmoid, 0.6931471805599453, -0.05)]
    [InlineData(DpoVariant.Hinge, 1, -0.1)]
    [InlineData(DpoVariant.Ipo, 25, -5)]
    public void Dpo_PolicyEqualToReference_GivesTheKnownStart(DpoVariant variant, double loss, double slope)
    {
        var result = DpoObjective.Compute([new(Even, Even)], new() { Beta = 0.1, Variant = variant });
        Assert.Equal(loss, result.Loss, 1e-12);
        Assert.All(result.Gradient[0].Chosen, value => Assert.Equal(slope, value, 1e-12));
        Assert.All(result.Gradient[0].Rejected, value => Assert.Equal(-slope, value, 1e-12));
    }

    [Fact]
    public void Dpo_HugeMargins_StayFinite()
    {
        CompletionLogProbabilities sure = new([0], [-1e6]), unsure = new([-1e6], [0]);
        Assert.Equal(0, DpoObjective.Compute([new(sure, unsure)]).Loss, 1e-12);
        ObjectiveResult<PreferencePair<double[]>[]> wrong = DpoObjective.Compute([new(unsure, sure)]);
        Assert.Equal(2e5, wrong.Loss, 1e-6);
        Assert.Equal(-0.1, wrong.Gradient[0].Chosen[0], 1e-15);
    }

    [Fact]
    public void Dpo_LabelSmoothingOutsideSigmoid_IsRefused() =>
        Assert.Throws<ArgumentException>(() => DpoObjective.Compute([new(Even, Even)], new() { Variant = DpoVariant.Ipo, LabelSmoothing = 0.1 }));

    [Fact]
    public void SimPo_RepeatedTokens_ChangeNothing()
    {
        CompletionLogProbabilities once = new([-1, -3]), twice = new([-1, -3, -1, -3]), other = new([-2.5]);
        Assert.Equal(SimPoObjective.Compute([new(once, other)]).Loss, SimPoObjective.Compute([new(twice, other)]).Loss, 1e-14);
    }

    [Fact]
    public void Orpo_EqualCompletions_CostTheirNllAndLambdaLn2()
    {
        double loss = OrpoObjective.Compute([new(Even, Even)], new() { Lambda = 0.5 }).Loss;
        Assert.Equal(1 + (0.5 * Math.Log(2)), loss, 1e-14);
    }

    [Fact]
    public void Orpo_CertainCompletion_IsRefused() =>
        Assert.Throws<ArgumentException>(() => OrpoObjective.Compute([new(new([0.0, 0.0]), Even)]));

    [Fact]
    public void Orpo_NearlyCertainCompletion_KeepsItsDigits()
    {
        // ln(1 − e^−1e-12) = −27.631…; the plain formula has four digits left.
        double loss = OrpoObjective.Compute([new(new([-1e-12]), new([-1e-12 * 3]))], new() { Lambda = 1 }).Loss;
        Assert.Equal(Math.Log(1 + (1.0 / 3)), loss, 1e-11);
    }

    [Fact]
    public void Kto_RatioEqualToKl_CostsHalfTheWeight()
    {
        CompletionLogProbabilities completion = new([-1, -0.5], [-1.25, -0.75]);
        ObjectiveResult<double[][]> result = KtoObjective.Compute(
            [new(completion, true), new(completion, false)], 0.5, new() { Beta = 0.4, DesirableWeight = 2, UndesirableWeight = 1 });
        Assert.Equal((2 * 0.5 + 0.5) / 2, result.Loss, 1e-14);
        Assert.Equal(-2 * 0.4 * 0.25 / 2, result.Gradient[0][0], 1e-14);
        Assert.Equal(0.4 * 0.25 / 2, result.Gradient[1][1], 1e-14);
    }

    [Fact]
    public void Advantages_OfAGroup_AreCentredAndScaled()
    {
        double[] advantages = Advantages.GroupRelative([1, 0, 0.5]);
        Assert.Equal([1 / 1.0002, -1 / 1.0002, 0], advantages.Select(value => Math.Round(value, 12)), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal([0.75, -0.75, 0], Advantages.LeaveOneOut([1, 0, 0.5]), (a, b) => Math.Abs(a - b) < 1e-14);
        Assert.All(Advantages.GroupRelative([2, 2, 2]), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Grpo_OnPolicy_GivesMinusTheAdvantagePerToken()
    {
        // ρ = 1 and π = π_ref: a token costs −A, and the divergence has neither value nor slope.
        ObjectiveResult<double[][][]> result = GrpoObjective.Compute([new([1, 0], [Even, Even])], new() { ScaleRewards = false });
        Assert.Equal(0, result.Loss, 1e-15);
        Assert.Equal([-0.125, -0.125], result.Gradient[0][0]);
        Assert.Equal([0.125, 0.125], result.Gradient[0][1]);
    }

    [Fact]
    public void Grpo_RatioBeyondTheClip_StopsTheGradientWhereItWouldHelp()
    {
        CompletionLogProbabilities risen = new([Math.Log(0.6)], null, [Math.Log(0.4)]);
        GrpoOptions options = new() { KlBeta = 0, ScaleRewards = false };
        double[][] slopes = GrpoObjective.Compute([new([1, 0], [risen, risen])], options).Gradient[0];
        Assert.Equal(0, slopes[0][0]);
        Assert.Equal(0.5 * 1.5 / 2, slopes[1][0], 1e-14);
    }

    [Fact]
    public void Grpo_RewardsShifted_ChangeNothing()
    {
        CompletionLogProbabilities other = new([-0.5], [-0.7], [-0.4]);
        double Loss(double shift) => GrpoObjective.Compute([new([1 + shift, shift, 0.3 + shift], [Even, other, Even])]).Loss;
        Assert.Equal(Loss(0), Loss(17), 1e-12);
    }

    [Fact]
    public void Grpo_DrGrpoWithoutLengthOrAboveIt_IsRefused()
    {
        CompletionGroup group = new([1, 0], [Even, Even]);
        Assert.Throws<ArgumentException>(() => GrpoObjective.Compute([group], new() { Variant = GrpoVariant.DrGrpo }));
        Assert.Throws<ArgumentException>(() => GrpoObjective.Compute([group], new() { Variant = GrpoVariant.DrGrpo, MaxLength = 1 }));
    }

    [Fact]
    public void Reward_EqualScores_CostLn2() => Assert.Equal(Math.Log(2), RewardObjective.Compute([new(3, 3)]).Loss, 1e-15);

    [Theory]
    [InlineData(DistillationDirection.Forward)]
    [InlineData(DistillationDirection.Reverse)]
    public void Distillation_StudentEqualToTeacher_CostsNothing(DistillationDirection direction)
    {
        double[][] rows = [[1, 2, -3], [0, 0.5, 0.25]], shifted = [.. rows.Select(row => row.Select(value => value + 11).ToArray())];
        ObjectiveResult<double[][]> result = DistillationObjective.Compute(rows, shifted, [1, 1], new() { Temperature = 2, Direction = direction });
        Assert.Equal(0, result.Loss, 1e-14);
        Assert.All(result.Gradient.SelectMany(row => row), value => Assert.Equal(0, value, 1e-14));
    }

    [Fact]
    public void Distillation_CertainTeacher_IsSupervisedTraining()
    {
        double[][] student = [[0.3, -1, 2]];
        double forward = DistillationObjective.Compute(student, [[0, 2000, 0]], [1]).Loss;
        Assert.Equal(SftObjective.ComputeFromLogits(student, [1], [1]).Loss, forward, 1e-12);
    }
}
