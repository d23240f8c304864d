using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;
using static AgentKit.Tests.Training.Engine.TestPacks;

namespace AgentKit.Tests.Training.Engine;

/// <summary>gemma2, gemma3 and phi3 against llama.cpp and against central differences, beyond their windows.</summary>
public sealed class FamilyTests : IDisposable
{
    private static readonly LoraOptions Lora = new() { Rank = 4, Alpha = 8 };
    private static readonly EngineOptions OneThread = new() { Threads = 1, HeadChunk = 7 };

    /// <summary>So few bytes of scores that samples of 48 tokens take three blocks.</summary>
    private const long Blocks = 16 * 4 * 48 * 16;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData("gemma2", GgmlType.F32, 96)]
    [InlineData("gemma2", GgmlType.Q8_0, 96)]
    [InlineData("gemma3", GgmlType.F32, 96)]
    [InlineData("gemma3", GgmlType.F16, 96)]
    [InlineData("phi3", GgmlType.F32, 96)]
    [InlineData("phi3", GgmlType.Q8_0, 96)]
    [InlineData("phi3", GgmlType.F32, 304)]
    public void Logits_BeyondTheWindow_AreLlamasBitForBit(string architecture, GgmlType type, int tokens)
    {
        using TrainingEngine engine = Open(architecture, type);
        Assert.Equal(0, EngineCheck.Verify(engine));
        int[] text = Text(tokens);
        float[][] own = engine.Logits(EngineCheck.Whole(text)), llama = LlamaReference.Logits(engine.ModelPath, text, 1)[..^1];
        Assert.Equal(0, EngineCheck.Difference(own, llama));
    }

    /// <summary>As the family has it, in every sixth layer; as a file's list has it.</summary>
    [NativeTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Logits_OfGemma3sLayers_SeeWhatTheFileSays(bool list)
    {
        GgufWriter writer = TestModel.Writer(FamilyModels.Shape("gemma3") with { Layers = 7 }).Set("gemma3.attention.sliding_window", (uint)FamilyModels.Window);
        if (list) writer.Set("gemma3.attention.sliding_window_pattern", GgufValue.Array([1, 0, 0, 1, 1, 0, 1]));
        writer.Write(_folder["model.gguf"]);
        using TrainingEngine engine = TrainingEngine.Open(_folder["model.gguf"], Lora, options: OneThread);
        int[] text = Text(64);
        Assert.Equal(0, EngineCheck.Difference(engine.Logits(EngineCheck.Whole(text)), LlamaReference.Logits(engine.ModelPath, text, 1)[..^1]));
    }

    [NativeTheory]
    [InlineData("gemma2", 1L << 28)]
    [InlineData("gemma3", 1L << 28)]
    [InlineData("gemma3", Blocks)]
    [InlineData("phi3", 1L << 28)]
    [InlineData("phi3", Blocks)]
    public void Gradient_OfEveryMatrix_MatchesCentralDifferences(string architecture, long attentionBytes)
    {
        using TrainingEngine engine = Open(architecture, options: OneThread with { AttentionBytes = attentionBytes });
        Randomize(engine.Adapter, 3);
        var pack = new Pack([Sample(1, 45), Sample(2, 30)]);
        float[] gradient = Gradient(engine, pack);
        foreach (LoraMatrix matrix in engine.Adapter.Matrices)
        {
            foreach (Range place in (Range[])[engine.Adapter.Places(matrix).A, engine.Adapter.Places(matrix).B])
                AssertDirection(engine, pack, gradient, place, matrix.Target);
        }
    }

    [NativeTheory]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    [InlineData("phi3")]
    public void Gradient_OfEveryTensor_MatchesCentralDifferences(string architecture)
    {
        using TrainingEngine engine = TrainingEngine.OpenFull(FamilyModels.Create(_folder["model.gguf"], architecture), OneThread);
        var pack = new Pack([Sample(1, 45)]);
        float[] gradient = Gradient(engine, pack);
        foreach (GgufTensorInfo tensor in GgufFile.Open(engine.ModelPath).Tensors.Where(tensor => !tensor.Name.StartsWith("rope_", StringComparison.Ordinal)))
            AssertDirection(engine, pack, gradient, ((FullWeights)engine.Parameters).PlaceOf(tensor.Name), tensor.Name);
    }

    /// <summary>Answers sampled at a temperature learn as the policy that wrote them: caps come before it, and tied embeddings get slopes from both ends.</summary>
    [NativeFact]
    public void Gradient_AtATemperature_MatchesCentralDifferences()
    {
        using TrainingEngine engine = TrainingEngine.OpenFull(FamilyModels.Create(_folder["model.gguf"], "gemma2"), OneThread);
        engine.Temperature = 1.7;
        var pack = new Pack([Sample(1, 45)]);
        float[] gradient = Gradient(engine, pack);
        foreach (string name in (string[])["token_embd.weight", "output_norm.weight", "blk.0.attn_q.weight"])
            AssertDirection(engine, pack, gradient, ((FullWeights)engine.Parameters).PlaceOf(name), name);
    }

    [NativeFact]
    public void LogProbabilities_AtATemperature_AreThoseOfDividedLogits()
    {
        using TrainingEngine engine = Open("gemma2");
        int[] text = Text(20);
        double[][] logits = [.. engine.Logits(EngineCheck.Whole(text)).Select(row => Array.ConvertAll(row, value => (double)value))];
        engine.Temperature = 0.6;
        double[] found = engine.LogProbabilities(EngineCheck.Whole(text), withAdapter: false);
        for (int t = 0; t < found.Length; t++) Assert.Equal(Softmax.LogProbabilities(logits[t], 0.6)[text[t + 1]], found[t], 1e-5);
    }

    /// <summary>Two ways to the same: by the target's log-probability, and by a slope for every logit.</summary>
    [NativeTheory]
    [InlineData("gemma2", 1)]
    [InlineData("gemma2", 2)]
    [InlineData("phi3", 0.5)]
    public void Gradient_ByCappedLogits_IsThatByLogProbabilities(string architecture, double temperature)
    {
        using TrainingEngine engine = Open(architecture);
        Randomize(engine.Adapter, 3);
        var pack = new Pack([Sample(1, 40)]);
        engine.Temperature = temperature;
        float[] expected = Gradient(engine, pack);
        double[] likely = engine.LogProbabilities(pack);
        engine.LogitLoss = (at, row, logits, slope) => CrossEntropy(at, row, logits, slope, temperature);
        Assert.Equal(likely, engine.Outputs(pack), (logp, loss) => Math.Abs(logp + loss) < 1e-6);
        engine.Adapter.ClearGradient();
        double count = pack.Weights.Sum();
        engine.Accumulate(pack, (_, losses) => new(losses.Sum() / count, [.. pack.Weights.Select(weight => weight / count)]));
        engine.Adapter.DownloadGradient();
        Assert.Equal(expected, engine.Adapter.Gradient, (x, y) => Math.Abs(x - y) < 1e-6);
    }

    private static double CrossEntropy(Pack pack, int row, ReadOnlySpan<float> logits, Span<float> slope, double temperature)
    {
        double most = 0, sum = 0;
        foreach (float logit in logits) most = Math.Max(most, logit);
        for (int i = 0; i < logits.Length; i++) sum += Math.Exp((logits[i] - most) / temperature);
        for (int i = 0; i < logits.Length; i++) slope[i] = (float)(Math.Exp((logits[i] - most) / temperature) / sum / temperature);
        slope[pack.Targets[row]] -= (float)(1 / temperature);
        return Math.Log(sum) + ((most - logits[pack.Targets[row]]) / temperature);
    }

    [NativeTheory]
    [InlineData("gemma2", GgmlType.F32)]
    [InlineData("gemma3", GgmlType.F32)]
    [InlineData("gemma3", GgmlType.Q8_0)]
    [InlineData("phi3", GgmlType.F32)]
    [InlineData("phi3", GgmlType.Q8_0)]
    public async Task Loss_OfAWrittenAdapter_IsLlamasLoss(string architecture, GgmlType type)
    {
        // The rank is not filled up, so that even quantized activations are llama.cpp's.
        string path = FamilyModels.Create(_folder["model.gguf"], architecture, type);
        using TrainingEngine engine = TrainingEngine.Open(path, new() { Rank = 16, Alpha = 32 }, seed: 2, OneThread);
        int[] tokens = Text(48);
        Pack pack = EngineCheck.Whole(tokens);
        double before = Nll(pack, engine.LogProbabilities(pack)).Loss;
        for (int step = 0; step < 20; step++)
        {
            float[] gradient = Gradient(engine, pack);
            for (int i = 0; i < gradient.Length; i++) engine.Adapter.Values[i] -= 0.01f * Math.Sign(gradient[i]);
            engine.Adapter.Upload();
        }

        double own = Nll(pack, engine.LogProbabilities(pack)).Loss, asLlama = Loss(engine.Logits(pack), tokens);
        engine.SaveAdapter(_folder["adapter.gguf"], new() { Name = "a", BaseName = "b", BaseSha256 = "c" });
        double llama = Loss(LlamaReference.Logits(engine.ModelPath, tokens, 1, _folder["adapter.gguf"])[..^1], tokens);
        Assert.True(own < 0.8 * before, $"{own} is not clearly below {before}");
        Assert.Equal(asLlama, llama, 1e-5);
        // What training computes sums in another order, so that some activations round to another of eight bits.
        Assert.Equal(own, llama, type == GgmlType.F32 ? 1e-5 : 1e-4);
        await AssertSameAgain(engine, pack);
    }

    /// <summary>Going on from the file, and merging it into the model.</summary>
    private async Task AssertSameAgain(TrainingEngine engine, Pack pack)
    {
        double[] expected = engine.LogProbabilities(pack);
        using (TrainingEngine again = TrainingEngine.OpenWithAdapter(engine.ModelPath, Unhashed(), options: OneThread))
        {
            Assert.Equal(engine.Adapter.Matrices.Select(matrix => matrix.Target), again.Adapter.Matrices.Select(matrix => matrix.Target));
            Assert.Equal(expected, again.LogProbabilities(pack));
        }

        Assert.Equal(engine.Adapter.Matrices.Count(), (await AdapterMerge.WriteAsync(engine.ModelPath, Unhashed(), _folder["merged.gguf"])).Matrices);
        float[][] beside = LlamaReference.Logits(engine.ModelPath, pack.Tokens, 1, _folder["adapter.gguf"]), merged = LlamaReference.Logits(_folder["merged.gguf"], pack.Tokens, 1);
        Assert.InRange(EngineCheck.Difference(merged, beside), 0, 5e-2);
    }

    /// <summary>The adapter's file without the checksum of a model that is not there.</summary>
    private string Unhashed()
    {
        GgufFile file = GgufFile.Open(_folder["adapter.gguf"]);
        var writer = new GgufWriter();
        foreach ((string key, GgufValue value) in file.Metadata.Where(pair => pair.Key != AdapterBase.Sha256Key)) writer.Set(key, value);
        foreach (GgufTensorInfo tensor in file.Tensors) writer.Add(tensor.Name, tensor.Type, [.. tensor.Shape], file.ReadFloats(tensor));
        writer.Write(_folder["unhashed.gguf"]);
        return _folder["unhashed.gguf"];
    }

    [NativeFact]
    public void Targets_OfFusedMatrices_AreThoseMatricesOnce()
    {
        string model = FamilyModels.Create(_folder["model.gguf"], "phi3");
        using TrainingEngine engine = TrainingEngine.Open(model, new() { Rank = 2, Targets = ["q", "v", "gate"] }, options: OneThread);
        Assert.Equal(["blk.0.attn_qkv.weight", "blk.0.ffn_up.weight"], engine.Adapter.MatricesOf(0).Select(matrix => matrix.Target));
        engine.SaveAdapter(_folder["adapter.gguf"], new() { Name = "a", BaseName = "b", BaseSha256 = "c" });
        AdapterInfo info = AdapterInfo.Read(_folder["adapter.gguf"]);
        Assert.Equal(["attn_qkv", "ffn_up"], info.Targets);
        Assert.Equal(["q", "k", "v", "up"], info.Shape().Targets);
    }

    /// <summary>Samples on both sides of the first context have factors of their own within a pack.</summary>
    [NativeFact]
    public void Logits_OfStretchedAndShortSamples_AreThoseOfEachAlone()
    {
        using TrainingEngine engine = Open("phi3");
        TrainingSample[] samples = [Sample(1, 20), Sample(2, FamilyModels.FirstContext + 4), Sample(3, 33)];
        double[] together = engine.LogProbabilities(new Pack(samples));
        Assert.Equal([.. samples.SelectMany(sample => engine.LogProbabilities(new Pack([sample])))], together, (x, y) => Math.Abs(x - y) < 1e-5);
        Assert.NotEqual(engine.LogProbabilities(new Pack([Sample(2, FamilyModels.FirstContext)]))[..50], engine.LogProbabilities(new Pack([samples[1]]))[..50]);
        Randomize(engine.Adapter, 3);
        var pack = new Pack(samples);
        float[] gradient = Gradient(engine, pack);
        AssertDirection(engine, pack, gradient, engine.Adapter.Places(engine.Adapter.Matrices.First()).A, "blk.0.attn_qkv.weight");
    }

    private static void AssertDirection(TrainingEngine engine, Pack pack, float[] gradient, Range place, string name)
    {
        double Loss() => Nll(pack, engine.LogProbabilities(pack)).Loss;
        if (engine.Architecture == "phi3") GradientCheck.AssertDirection(engine.Parameters, Loss, gradient, place, name);
        else GradientCheck.AssertFittedDirection(engine.Parameters, Loss, gradient, place, name);
    }

    private static double Loss(float[][] logits, int[] tokens) => SftObjective.ComputeFromLogits(
        [.. logits.Select(row => Array.ConvertAll(row, value => (double)value))], tokens[1..], [.. Enumerable.Repeat(1.0, logits.Length)]).Loss;

    private TrainingEngine Open(string architecture, GgmlType type = GgmlType.F32, EngineOptions? options = null) =>
        TrainingEngine.Open(FamilyModels.Create(_folder["model.gguf"], architecture, type), Lora, seed: 1, options ?? OneThread);

    private static int[] Text(int tokens) => [.. Enumerable.Range(0, tokens).Select(t => (t * 37 + 11) % 300)];
}
