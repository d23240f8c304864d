using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Engine;
using static AgentKit.Tests.Training.Engine.TestPacks;

namespace AgentKit.Tests.Training.Engine;

/// <summary>Attention in blocks of queries against attention as a whole: the same gradients in less memory.</summary>
public sealed class BlockedAttentionTests : IDisposable
{
    private const int Heads = 4;
    private const long Whole = 1L << 40, BytesPerPair = 16 * Heads;

    private static readonly EngineOptions OneThread = new() { Threads = 1, AttentionBytes = Whole };

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData("llama", 16, true)]
    [InlineData("llama", 48, true)]
    [InlineData("gemma2", 16, true)]
    [InlineData("gemma3", 32, true)]
    [InlineData("phi3", 16, true)]
    [InlineData("phi3", 16, false)]
    public void Gradient_InBlocks_IsThatOfTheWhole(string architecture, int queries, bool ownProducts)
    {
        string path = Model(architecture);
        EngineOptions options = OneThread with { Products = ownProducts ? ProductPath.Own : ProductPath.Ggml };
        // Blocks of unequal sizes, samples of one block and of several.
        var pack = new Pack([Sample(1, 150), Sample(2, 14), Sample(3, 64)]);
        float[] whole = GradientOf(path, pack, options), blocked = GradientOf(path, pack, options with { AttentionBytes = BytesPerPair * 160 * queries });
        Assert.Contains(whole, value => value != 0);
        double difference = Math.Sqrt(whole.Zip(blocked, (x, y) => Math.Pow(x - y, 2)).Sum()), length = Math.Sqrt(whole.Sum(value => (double)value * value));
        Assert.InRange(difference / length, 0, 2e-6);
    }

    [NativeFact]
    public void Gradient_InBlocks_MatchesCentralDifferences()
    {
        using TrainingEngine engine = TrainingEngine.OpenFull(Model("llama"), OneThread with { AttentionBytes = BytesPerPair * 48 * 16 });
        var pack = new Pack([Sample(1, 45), Sample(2, 30)]);
        float[] gradient = Gradient(engine, pack);
        foreach (GgufTensorInfo tensor in GgufFile.Open(engine.ModelPath).Tensors)
        {
            GradientCheck.AssertDirection(
                engine.Parameters, () => Nll(pack, engine.LogProbabilities(pack)).Loss, gradient, ((FullWeights)engine.Parameters).PlaceOf(tensor.Name), tensor.Name);
        }
    }

    [NativeFact]
    public void Gradient_InBlocks_KeptOrComputedAnewOrOnMoreThreads_IsBitEqual()
    {
        string path = Model("llama");
        var pack = new Pack([Sample(1, 90), Sample(2, 40)]);
        EngineOptions blocks = OneThread with { AttentionBytes = BytesPerPair * 96 * 16 };
        float[] kept = GradientOf(path, pack, blocks);
        Assert.Equal(kept, GradientOf(path, pack, blocks with { KeptBytes = 0 }));
        Assert.Equal(kept, GradientOf(path, pack, blocks with { Threads = 3 }));
    }

    [NativeFact]
    public void Logits_InBlocks_AreLlamas()
    {
        using TrainingEngine engine = TrainingEngine.Open(Model("llama"), options: OneThread with { AttentionBytes = BytesPerPair * 96 * 16 });
        int[] tokens = [.. Enumerable.Range(0, 96).Select(t => (t * 37 + 11) % 300)];
        Assert.InRange(EngineCheck.Difference(engine.Logits(EngineCheck.Whole(tokens)), LlamaReference.Logits(engine.ModelPath, tokens, 1)[..^1]), 0, 1e-6);
    }

    [NativeTheory]
    [InlineData(0)]
    [InlineData(1L << 30)]
    public void GraphBytes_OfALongSample_GrowWithItsLengthAlone(long keptBytes)
    {
        string path = Model("llama");
        const long bound = 4 << 20;
        long Bytes(int tokens, long attentionBytes)
        {
            using TrainingEngine engine = TrainingEngine.Open(path, new() { Rank = 4 }, options: OneThread with { KeptBytes = keptBytes, AttentionBytes = attentionBytes });
            Gradient(engine, new Pack([Sample(1, tokens)]));
            return engine.GraphBytes;
        }

        long shorter = Bytes(512, bound), longer = Bytes(1536, bound), whole = Bytes(1536, Whole);
        Assert.True(whole >= 2 * Heads * 1536L * 1536 * sizeof(float), $"{whole} bytes as a whole");
        // What grows with the length, thought away.
        Assert.InRange(((3 * shorter) - longer) / 2, 0, bound);
        Assert.True(longer < whole / 5, $"{longer} bytes in blocks, {whole} as a whole");
    }

    private string Model(string architecture) => architecture == "llama"
        ? TestModel.Create(_folder["model.gguf"], new TestModelShape { Heads = Heads, KvHeads = 2, ContextLength = 4096 })
        : FamilyModels.Create(_folder["model.gguf"], architecture);

    private static float[] GradientOf(string path, Pack pack, EngineOptions options)
    {
        using TrainingEngine engine = TrainingEngine.OpenFull(path, options);
        return Gradient(engine, pack);
    }
}
