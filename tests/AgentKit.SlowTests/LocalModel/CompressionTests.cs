using AgentKit.Eval.Perplexity;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Models.Pruning;
using AgentKit.Models.Quantization;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Models;

/// <summary>What importance matrices and pruning do to the shipped model, measured on conversations that the calibration did not contain.</summary>
public sealed class CompressionTests : IDisposable
{
    private const int Context = 256;

    private static readonly string Calibration = ToolChats.Create(seed: 1, conversations: 24), HeldOut = ToolChats.Create(seed: 2, conversations: 10);
    private static readonly ImportanceOptions Reading = new() { ChunkLength = Context, ParseSpecial = true, Threads = 1, Overwrite = true };
    private static readonly TestModelShape Shape = new() { Embedding = 256, Heads = 4, KvHeads = 2, FeedForward = 512, Type = GgmlType.F16 };

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<string> WeighedTypes() => [.. ModelQuantizer.TypesNeedingImportance];

    [NativeFact]
    public async Task Quantize_WithImportance_IsNearerToTheModelThanWithout()
    {
        ImportanceMatrix matrix = await ShippedImportanceAsync();
        (string plain, string weighed) = (_scratch["plain.gguf"], _scratch["weighed.gguf"]);
        await ModelQuantizer.QuantizeAsync(ShippedModel.Path, plain, "IQ3_S", new() { AllowRequantize = true });
        QuantizeResult result = await ModelQuantizer.QuantizeAsync(ShippedModel.Path, weighed, "IQ3_S", new() { AllowRequantize = true, Importance = matrix });
        Assert.Empty(result.WithoutImportance);
        GgufFile file = GgufFile.Open(weighed);
        Assert.Equal("imatrix.gguf", file.FindString("quantize.imatrix.file"));
        Assert.Equal((42, matrix.Chunks), (file.FindInteger("quantize.imatrix.entries_count"), file.FindInteger("quantize.imatrix.chunks_count")));
        double without = await DivergenceAsync(plain), with = await DivergenceAsync(weighed);
        Assert.True(with < 0.8 * without, $"with {with:0.0000}, without {without:0.0000}");
    }

    [NativeTheory]
    [MemberData(nameof(WeighedTypes))]
    public async Task Quantize_TypeThatNeedsImportance_GivesAModelThatAnswers(string type)
    {
        string input = TestModel.Create(_scratch["in.gguf"], Shape);
        ImportanceResult matrix = await ImportanceCollector.CollectAsync(input, HeldOut, _scratch["imatrix.gguf"], Reading with { Chunks = 2 });
        QuantizeResult result = await ModelQuantizer.QuantizeAsync(input, _scratch["out.gguf"], type, new() { Importance = matrix.Matrix });
        Assert.InRange(result.BitsPerWeight, 1.5, 5.5);
        await AnswersAsync(_scratch["out.gguf"]);
    }

    [NativeTheory]
    [InlineData("Q2_K")]
    [InlineData("Q4_0")]
    [InlineData("Q6_K")]
    [InlineData("IQ4_XS")]
    [InlineData("IQ3_XXS")]
    [InlineData("IQ3_S")]
    [InlineData("IQ2_S")]
    [InlineData("IQ2_XS")]
    [InlineData("IQ2_XXS")]
    [InlineData("IQ1_S")]
    [InlineData("IQ1_M")]
    public async Task Quantize_InputsThatWereNeverDriven_GiveAModelThatAnswers(string type)
    {
        string input = TestModel.Create(_scratch["in.gguf"], Shape);
        ImportanceResult collected = await ImportanceCollector.CollectAsync(input, HeldOut, _scratch["imatrix.gguf"], Reading with { Chunks = 1 });
        ImportanceMatrix dead = new()
        {
            Entries = collected.Matrix.Entries.Values.ToDictionary(
                entry => entry.Tensor, entry => entry with { SquaredSums = [.. entry.SquaredSums.Select((sum, j) => j < 256 ? 0 : sum)] }),
            Datasets = [],
            Chunks = 1,
            ChunkLength = Context,
        };
        await ModelQuantizer.QuantizeAsync(input, _scratch["out.gguf"], type, new() { Importance = dead });
        await AnswersAsync(_scratch["out.gguf"]);
    }

    [NativeFact]
    public async Task Prune_Wanda_IsNearerToTheModelThanMagnitude()
    {
        PruneOptions options = new() { Calibration = Reading };
        (string magnitude, string wanda, string dense) = (_scratch["magnitude.gguf"], _scratch["wanda.gguf"], _scratch["dense.gguf"]);
        await ModelPruner.PruneAsync(ShippedModel.Path, magnitude, options with { Method = PruneMethod.Magnitude });
        PruneResult layerwise = await ModelPruner.PruneAsync(ShippedModel.Path, wanda, options with { Text = Calibration });
        PruneResult once = await ModelPruner.PruneAsync(ShippedModel.Path, dense, options with { Importance = await ShippedImportanceAsync() });
        Assert.Equal(("layerwise", "dense"), (layerwise.Activations, once.Activations));
        Assert.Equal(layerwise.CalibrationSha256, once.CalibrationSha256);
        Assert.InRange(layerwise.Sparsity.Share, 0.5, 0.56);
        double byMagnitude = await DivergenceAsync(magnitude), byWanda = await DivergenceAsync(wanda), byDense = await DivergenceAsync(dense);
        Assert.True(byWanda < byMagnitude && byDense < byMagnitude, $"WANDA {byWanda:0.000}, dense {byDense:0.000}, magnitude {byMagnitude:0.000}");
        await AnswersAsync(wanda);

        // The first block has seen the same in both, the others have not.
        byte[] Weights(string path, string tensor)
        {
            GgufFile file = GgufFile.Open(path);
            var bytes = new byte[file.FindTensor(tensor)!.Bytes];
            file.ReadTensor(file.FindTensor(tensor)!, bytes);
            return bytes;
        }

        Assert.Equal(Weights(dense, "blk.0.attn_q.weight"), Weights(wanda, "blk.0.attn_q.weight"));
        Assert.NotEqual(Weights(dense, "blk.5.ffn_down.weight"), Weights(wanda, "blk.5.ffn_down.weight"));
    }

    [NativeTheory]
    [InlineData(2, 4)]
    [InlineData(1, 4)]
    [InlineData(4, 8)]
    public async Task Prune_Grouped_HoldsInEveryRowOfTheWrittenFile(int keep, int group)
    {
        string output = _scratch["out.gguf"];
        await ModelPruner.PruneAsync(
            ShippedModel.Path, output, new() { Text = HeldOut, Pattern = PrunePattern.Grouped(keep, group), Calibration = Reading with { Chunks = 2 } });
        GgufFile file = GgufFile.Open(output), before = GgufFile.Open(ShippedModel.Path);
        foreach (GgufTensorInfo tensor in file.Tensors)
        {
            float[] weights = file.ReadFloats(tensor);
            if (tensor.Shape.Count == 2 && tensor.Name.StartsWith("blk.", StringComparison.Ordinal))
                Assert.All(weights.Chunk(group), of => Assert.InRange(of.Count(weight => weight != 0), 0, keep));
            else Assert.Equal(before.ReadFloats(before.FindTensor(tensor.Name)!), weights);
        }

        Assert.Equal(($"{keep}:{group}", "wanda"), (file.FindString("agentkit.prune.pattern"), file.FindString("agentkit.prune.method")));
        await AnswersAsync(output);
    }

    [NativeFact]
    public async Task Prune_TypeWithoutExactZeros_NeedsAnother()
    {
        string input = TestModel.Create(_scratch["in.gguf"], Shape), quantized = _scratch["q4.gguf"], output = _scratch["out.gguf"];
        await ModelQuantizer.QuantizeAsync(input, quantized, "Q4_K_S");
        PruneOptions options = new() { Text = HeldOut, Calibration = Reading with { Chunks = 2 }, Pattern = PrunePattern.Grouped(2, 4) };
        var refused = await Assert.ThrowsAsync<UserInputException>(() => ModelPruner.PruneAsync(quantized, output, options));
        Assert.Equal("type", refused.Field);
        Assert.Contains("Q4_K, which has no exact zero", refused.Message, StringComparison.Ordinal);

        PruneResult result = await ModelPruner.PruneAsync(quantized, output, options with { Type = GgmlType.F16 });
        Assert.Equal(0.5, result.Sparsity.Share, 0.001);
        Assert.All(
            GgufFile.Open(output).Tensors.Where(tensor => tensor.Name.StartsWith("blk.", StringComparison.Ordinal) && tensor.Shape.Count == 2),
            tensor => Assert.Equal(GgmlType.F16, tensor.Type));
        Assert.Equal(["in.gguf", "out.gguf", "q4.gguf"], Directory.GetFiles(_scratch.Path).Select(path => Path.GetFileName(path)!).Order());
        await AnswersAsync(output);
    }

    [NativeFact]
    public async Task Prune_Experts_EachByItsOwnActivations()
    {
        string input = TestModel.Create(_scratch["moe.gguf"], new() { Experts = 4, ExpertsUsed = 2, Type = GgmlType.F16 });
        PruneResult result = await ModelPruner.PruneAsync(input, _scratch["out.gguf"], new() { Text = HeldOut, Calibration = Reading with { Chunks = 2 } });
        Assert.Equal((14, 0.5), (result.Sparsity.Matrices, result.Sparsity.Share));
        await AnswersAsync(_scratch["out.gguf"]);
    }

    [NativeFact]
    public async Task Prune_Cancelled_LeavesNoFile()
    {
        using var stop = new CancellationTokenSource();
        var steps = new Steps(step => { if (step is { Step: "reading", Done: > 512 }) stop.Cancel(); });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ModelPruner.PruneAsync(
            ShippedModel.Path, _scratch["out.gguf"], new() { Text = HeldOut, Calibration = Reading }, steps, stop.Token));
        Assert.Empty(Directory.GetFiles(_scratch.Path));
    }

    [NativeTheory]
    [InlineData(GgmlType.Q8_0)]
    [InlineData(GgmlType.Q6_K)]
    [InlineData(GgmlType.Q5_0)]
    [InlineData(GgmlType.Q4_0)]
    [InlineData(GgmlType.Q3_K)]
    [InlineData(GgmlType.BF16)]
    public void Codec_TypeThatKeepsZeros_GivesThemBackWhateverIsBesideThem(GgmlType type)
    {
        Assert.True(BlockCodec.KeepsZeros(type));
        var random = new Random(7);
        float[] values = [.. Enumerable.Range(0, 256 * 64).Select(i => random.Next(2) == 0 ? 0 : (random.NextSingle() - 0.3f) * MathF.Pow(10, (i / 256 % 9) - 4))];
        byte[] stored = new byte[GgmlTypes.Bytes(type, values.Length)];
        BlockCodec.Encode(type, 256, values, stored);
        float[] restored = new float[values.Length];
        BlockCodec.Decode(type, stored, restored);
        Assert.All(Enumerable.Range(0, values.Length).Where(i => values[i] == 0), i => Assert.Equal(0, restored[i]));
    }

    private async Task<ImportanceMatrix> ShippedImportanceAsync()
    {
        await ImportanceCollector.CollectAsync(ShippedModel.Path, Calibration, _scratch["imatrix.gguf"], Reading);
        return ImportanceMatrix.Read(_scratch["imatrix.gguf"]);
    }

    private static async Task<double> DivergenceAsync(string path)
    {
        LocalModelOptions options = new() { ContextLength = Context, Parallel = 1, Threads = 1, PromptCacheBytes = 0 };
        await using LocalModel model = LocalModel.Open(path, options), original = LocalModel.Open(ShippedModel.Path, options);
        return (await new DivergenceEvaluator(model, original, parseSpecial: true).CompareAsync(HeldOut, Context)).Mean;
    }

    private static async Task AnswersAsync(string path)
    {
        await using LocalModel model = LocalModel.Open(path, new() { ContextLength = 256, Threads = 1 });
        ChatResponse answer = await model.GetResponseAsync("hello", new() { MaxOutputTokens = 4 });
        Assert.InRange(answer.Usage!.OutputTokenCount!.Value, 1, 4);
    }

    private sealed class Steps(Action<PruneProgress> told) : IProgress<PruneProgress>
    {
        public void Report(PruneProgress value) => told(value);
    }
}
