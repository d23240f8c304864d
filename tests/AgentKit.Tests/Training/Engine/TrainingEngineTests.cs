using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Tests.Training.Kernels;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;
using static AgentKit.Tests.Training.Engine.TestPacks;

namespace AgentKit.Tests.Training.Engine;

/// <summary>The engine on tiny generated models: its gradients against central differences, its bookkeeping against what it must equal.</summary>
public sealed class TrainingEngineTests : IDisposable
{
    private static readonly LoraOptions Lora = new() { Rank = 4, Alpha = 8 };
    private static readonly EngineOptions OneThread = new() { Threads = 1, HeadChunk = 7 };

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData("llama", true)]
    [InlineData("llama", false)]
    [InlineData("qwen2", true)]
    [InlineData("qwen3", true)]
    public void Gradient_OfEveryMatrix_MatchesCentralDifferences(string architecture, bool ownProducts)
    {
        string path = TestModel.Create(_folder["model.gguf"], new TestModelShape { Architecture = architecture, Heads = 4, KvHeads = 2 });
        using TrainingEngine engine = TrainingEngine.Open(path, Lora, seed: 1, OneThread with { Products = ownProducts ? ProductPath.Own : ProductPath.Ggml });
        Randomize(engine.Adapter, 3);
        var pack = new Pack([Sample(1, 11), Sample(2, 6)]);
        float[] gradient = Gradient(engine, pack);
        foreach (LoraMatrix matrix in engine.Adapter.Matrices)
        {
            foreach (Range place in (Range[])[engine.Adapter.Places(matrix).A, engine.Adapter.Places(matrix).B])
                GradientCheck.AssertDirection(engine.Adapter, () => Nll(pack, engine.LogProbabilities(pack)).Loss, gradient, place, matrix.Target);
        }
    }

    [NativeFact]
    public void Gradient_OfGranitesFactors_MatchesCentralDifferences()
    {
        GgufWriter writer = TestModel.Writer(new TestModelShape { Architecture = "granite", Heads = 4, KvHeads = 2 });
        writer.Set("granite.embedding_scale", 3f).Set("granite.residual_scale", 0.5f)
            .Set("granite.attention.scale", 0.3f).Set("granite.logit_scale", 2f).Write(_folder["model.gguf"]);
        using TrainingEngine engine = TrainingEngine.Open(_folder["model.gguf"], Lora, seed: 1, OneThread);
        Randomize(engine.Adapter, 3);
        var pack = new Pack([Sample(1, 11), Sample(2, 6)]);
        float[] gradient = Gradient(engine, pack);
        foreach (LoraMatrix matrix in engine.Adapter.Matrices)
            GradientCheck.AssertDirection(engine.Adapter, () => Nll(pack, engine.LogProbabilities(pack)).Loss, gradient, engine.Adapter.Places(matrix).B, matrix.Target);
    }

    [NativeFact]
    public void Gradient_OfTheScoreHead_MatchesCentralDifferences()
    {
        using TrainingEngine engine = TrainingEngine.Open(
            TestModel.Create(_folder["model.gguf"], new TestModelShape()), Lora, seed: 1, OneThread with { ScoreHead = true });
        Randomize(engine.Adapter, 3);
        var pack = new Pack([Sample(1, 11), Sample(2, 6)]);
        engine.Adapter.ClearGradient();
        engine.Accumulate(pack, (_, scores) => new((2 * scores[0]) - scores[1], [2, -1]));
        engine.Adapter.DownloadGradient();
        LoraMatrix matrix = engine.Adapter.Matrices.First();
        int count = engine.Adapter.Values.Length;
        foreach (Range place in (Range[])[(count - 64)..count, engine.Adapter.Places(matrix).A, engine.Adapter.Places(matrix).B])
        {
            float[] values = engine.Adapter.Values, kept = values[place], slopes = engine.Adapter.Gradient[place];
            double Score(float factor)
            {
                for (int i = 0; i < kept.Length; i++) values[place.Start.Value + i] = kept[i] + (factor * Math.Sign(slopes[i]));
                engine.Adapter.Upload();
                double[] scores = engine.Scores(pack);
                return (2 * scores[0]) - scores[1];
            }

            double expected = (Score(1e-3f) - Score(-1e-3f)) / 2e-3, found = slopes.Sum(slope => Math.Abs((double)slope));
            Score(0);
            Assert.Equal(1, found / expected, 2e-3);
        }
    }

    [NativeFact]
    public void Verify_TheShippedQuantizedModel_IsNotRefusedForItsRounding()
    {
        using TrainingEngine engine = TrainingEngine.Open(ShippedModel.Path, Lora, seed: 1, OneThread);
        Assert.True(engine.IsQuantized);
        Assert.True(EngineCheck.Verify(engine) <= EngineCheck.Tolerance);
    }

    [NativeFact]
    public void Gradient_OfALossByLogits_MatchesCentralDifferencesAndThatOfLogProbabilities()
    {
        using TrainingEngine engine = Open(new TestModelShape());
        Randomize(engine.Adapter, 3);
        var pack = new Pack([Sample(1, 11), Sample(2, 6)]);
        float[] expected = Gradient(engine, pack);
        engine.LogitLoss = (_, row, logits, slope) =>
        {
            double[] own = Softmax.LogProbabilities([.. logits.ToArray().Select(logit => (double)logit)]);
            Softmax.Gradient(own, pack.Targets[row], -1).Select(value => (float)value).ToArray().CopyTo(slope);
            return -own[pack.Targets[row]];
        };
        ObjectiveResult<double[]> Mean(Pack _, double[] losses) => new(losses.Average(), [.. losses.Select(_ => 1.0 / losses.Length)]);
        engine.Adapter.ClearGradient();
        engine.Accumulate(pack, Mean);
        engine.Adapter.DownloadGradient();
        float[] found = [.. engine.Adapter.Gradient];
        Assert.Equal(expected, found, (x, y) => Math.Abs(x - y) < 1e-6);
        LoraMatrix matrix = engine.Adapter.Matrices.First();
        GradientCheck.AssertDirection(engine.Adapter, () => engine.Outputs(pack).Average(), found, engine.Adapter.Places(matrix).B, matrix.Target);
    }

    [NativeFact]
    public void Gradient_OfPaddedRank_StaysZeroInThePadding()
    {
        using TrainingEngine engine = Open(new TestModelShape());
        Randomize(engine.Adapter, 3);
        float[] gradient = Gradient(engine, new Pack([Sample(1, 9)]));
        foreach (LoraMatrix matrix in engine.Adapter.Matrices)
        {
            (Range a, Range b) = engine.Adapter.Places(matrix);
            Assert.All(gradient[a].Skip(matrix.Inputs * Lora.Rank), value => Assert.Equal(0, value));
            Assert.All(gradient[b].Chunk(engine.Adapter.PaddedRank).SelectMany(row => row.Skip(Lora.Rank)), value => Assert.Equal(0, value));
            Assert.Contains(gradient[a], value => value != 0);
        }
    }

    [NativeTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradient_KeptOrComputedAnewOrOnMoreThreads_IsBitEqual(bool full)
    {
        string path = TestModel.Create(_folder["model.gguf"], new TestModelShape { Heads = 4, KvHeads = 2 });
        var pack = new Pack([Sample(1, 37), Sample(2, 20)]);
        float[] Of(EngineOptions options)
        {
            using TrainingEngine engine = full ? TrainingEngine.OpenFull(path, options) : TrainingEngine.Open(path, Lora, seed: 1, options);
            if (!full) Randomize(engine.Adapter, 3);
            engine.Parameters.ClearGradient();
            engine.Accumulate(pack, Nll);
            engine.Parameters.DownloadGradient();
            return [.. engine.Parameters.Gradient];
        }

        float[] kept = Of(OneThread);
        Assert.Contains(kept, value => value != 0);
        Assert.Equal(kept, Of(OneThread with { KeptBytes = 0 }));
        Assert.Equal(kept, Of(OneThread with { Threads = 3 }));
    }

    [NativeTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradient_OfOwnProducts_IsThatOfGgmls(bool full) => AssertGradientIsGgmls(full, ProductPath.Own, 1e-5);

    [DnnlTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradient_OfRoundedProducts_IsNearlyThatOfGgmls(bool full) => AssertGradientIsGgmls(full, ProductPath.OneDnn, 0.02);

    private void AssertGradientIsGgmls(bool full, ProductPath products, double tolerance)
    {
        string path = TestModel.Create(_folder["model.gguf"], new TestModelShape { Heads = 4, KvHeads = 2 });
        var pack = new Pack([Sample(1, 37), Sample(2, 20)]);
        double[] Of(ProductPath way)
        {
            EngineOptions options = OneThread with { Products = way };
            using TrainingEngine engine = full ? TrainingEngine.OpenFull(path, options) : TrainingEngine.Open(path, Lora, seed: 1, options);
            if (!full) Randomize(engine.Adapter, 3);
            engine.Parameters.ClearGradient();
            engine.Accumulate(pack, Nll);
            engine.Parameters.DownloadGradient();
            return [.. engine.Parameters.Gradient.Select(value => (double)value)];
        }

        double[] found = Of(products), ggmls = Of(ProductPath.Ggml);
        double length = Math.Sqrt(ggmls.Sum(value => value * value)), difference = Math.Sqrt(found.Zip(ggmls, (x, y) => (x - y) * (x - y)).Sum());
        Assert.InRange(difference / length, 0, tolerance);
        Assert.True(products != ProductPath.OneDnn || difference > 0, "nothing was rounded");
    }

    [NativeFact]
    public void Pack_OfSeveralSamples_EqualsEachAlone()
    {
        using TrainingEngine engine = Open(new TestModelShape());
        Randomize(engine.Adapter, 5);
        TrainingSample[] samples = [Sample(1, 7), Sample(2, 12), Sample(3, 5)];
        double[] together = engine.LogProbabilities(new Pack(samples));
        double[] alone = [.. samples.SelectMany(sample => engine.LogProbabilities(new Pack([sample])))];
        Assert.Equal(alone, together, (x, y) => Math.Abs(x - y) < 1e-5);
    }

    [NativeFact]
    public void Gradients_OfTwoPacks_AddUp()
    {
        using TrainingEngine engine = Open(new TestModelShape());
        Randomize(engine.Adapter, 5);
        Pack first = new([Sample(1, 7)]), second = new([Sample(2, 9)]);
        float[] one = Gradient(engine, first), two = Gradient(engine, second), both = Gradient(engine, first, second);
        Assert.Equal(one.Zip(two, (x, y) => x + y), both, (x, y) => Math.Abs(x - y) < 1e-6);
    }

    [NativeFact]
    public void LogProbabilities_OfANewAdapter_AreTheBaseModels()
    {
        using TrainingEngine engine = Open(new TestModelShape());
        var pack = new Pack([Sample(1, 10)]);
        Assert.Equal(engine.LogProbabilities(pack, withAdapter: false), engine.LogProbabilities(pack));
        Randomize(engine.Adapter, 1);
        Assert.NotEqual(engine.LogProbabilities(pack, withAdapter: false), engine.LogProbabilities(pack));
    }

    [NativeFact]
    public void Accumulate_NotFiniteLoss_AddsNothing()
    {
        using TrainingEngine engine = Open(new TestModelShape());
        engine.Accumulate(new Pack([Sample(1, 10)]), (_, logp) => new(double.NaN, logp));
        engine.Adapter.DownloadGradient();
        Assert.All(engine.Adapter.Gradient, value => Assert.Equal(0, value));
    }

    [NativeFact]
    public void Open_TargetTheModelLacks_NamesIt()
    {
        var refused = Assert.Throws<UserInputException>(() => new LoraOptions { Targets = ["q", "z"] });
        Assert.Contains("q, k, v, o, gate, up, down", refused.Message, StringComparison.Ordinal);
    }

    private TrainingEngine Open(TestModelShape shape) => TrainingEngine.Open(TestModel.Create(_folder["model.gguf"], shape), Lora, seed: 1, OneThread);
}
