using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Models.Pruning;
using AgentKit.Models.Quantization;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.Models.Pruning;

public sealed class ModelPrunerTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(PruneMethod.Wanda, null)]
    [InlineData(PruneMethod.Magnitude, "text")]
    public async Task Prune_WithoutOrWithTooMuchToJudgeBy_SaysWhatIsNeeded(PruneMethod method, string? text)
    {
        string input = TestModel.Create(_scratch["in.gguf"]);
        var refused = await Assert.ThrowsAsync<UserInputException>(
            () => ModelPruner.PruneAsync(input, _scratch["out.gguf"], new() { Method = method, Text = text }));
        Assert.Equal("method", refused.Field);
        Assert.Contains("--imatrix", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t")]
    public async Task Prune_EmptyText_IsRefused(string text) => Assert.Equal("text", (await RefusedAsync(new() { Text = text })).Field);

    [Fact]
    public async Task Prune_OutputIsTheInput_IsRefused()
    {
        string input = TestModel.Create(_scratch["in.gguf"]);
        var refused = await Assert.ThrowsAsync<UserInputException>(() => ModelPruner.PruneAsync(input, input, new() { Method = PruneMethod.Magnitude, Overwrite = true }));
        Assert.Equal("OUT", refused.Field);
    }

    [NativeFact]
    public async Task Prune_RowsThatDoNotDivideIntoGroups_NamesTheTensor()
    {
        UserInputException refused = await RefusedAsync(new() { Method = PruneMethod.Magnitude, Pattern = PrunePattern.Grouped(3, 7) });
        Assert.Equal("pattern", refused.Field);
        Assert.Contains("blk.0.attn_q.weight has 64 inputs", refused.Message, StringComparison.Ordinal);
    }

    [NativeFact]
    public async Task Prune_RowsThatDoNotDivideIntoBlocks_NamesTheTensor()
    {
        string input = TestModel.Create(_scratch["in.gguf"], new() { Embedding = 48 });
        var refused = await Assert.ThrowsAsync<UserInputException>(
            () => ModelPruner.PruneAsync(input, _scratch["out.gguf"], new() { Method = PruneMethod.Magnitude, Type = GgmlType.Q8_0 }));
        Assert.Equal("type", refused.Field);
        Assert.Contains("blk.0.attn_q.weight has 48 inputs", refused.Message, StringComparison.Ordinal);
    }

    [NativeFact]
    public async Task Prune_ImportanceOfAnotherModel_NamesTheTensor()
    {
        ImportanceMatrix matrix = Importance(("blk.0.attn_q.weight", 32));
        Assert.Contains("blk.0.attn_q.weight", (await RefusedAsync(new() { Importance = matrix })).Message, StringComparison.Ordinal);
        matrix = Importance(("blk.0.attn_q.weight", 64));
        Assert.Contains("no entry for blk.0.attn_k.weight", (await RefusedAsync(new() { Importance = matrix })).Message, StringComparison.Ordinal);
    }

    [NativeFact]
    public async Task Prune_Magnitude_DropsTheSmallestOfEachMatrixAndNothingElse()
    {
        string input = TestModel.Create(_scratch["in.gguf"]), output = _scratch["out.gguf"];
        PruneResult result = await ModelPruner.PruneAsync(
            input, output, new() { Method = PruneMethod.Magnitude, Pattern = PrunePattern.Unstructured(0.25) });
        Assert.Equal((14, 0.25, "none"), (result.Sparsity.Matrices, result.Sparsity.Share, result.Activations));
        (GgufFile before, GgufFile after) = (GgufFile.Open(input), GgufFile.Open(output));
        Assert.Equal("magnitude", after.FindString("agentkit.prune.method"));
        foreach (GgufTensorInfo tensor in before.Tensors)
        {
            float[] dense = before.ReadFloats(tensor), pruned = after.ReadFloats(after.FindTensor(tensor.Name)!);
            bool matrix = tensor.Name.StartsWith("blk.", StringComparison.Ordinal) && tensor.Shape.Count == 2;
            int drop = matrix ? dense.Length / 4 : 0;
            float limit = dense.Select(MathF.Abs).Order().ElementAt(drop);
            Assert.Equal(dense.Select(weight => matrix && MathF.Abs(weight) < limit ? 0 : weight), pruned);
        }

        Assert.Equal(["in.gguf", "out.gguf"], Directory.GetFiles(_scratch.Path).Select(path => Path.GetFileName(path)!).Order());
    }

    [NativeFact]
    public async Task Prune_SplitModel_GivesOneFileWithWhatTheWholeModelGives()
    {
        PruneOptions options = new() { Method = PruneMethod.Magnitude, Pattern = PrunePattern.Grouped(2, 4) };
        await ModelPruner.PruneAsync(TestModel.Create(_scratch["whole.gguf"]), _scratch["a.gguf"], options);
        PruneResult result = await ModelPruner.PruneAsync(SplitModel.Create(_scratch.Path), _scratch["b.gguf"], options);
        (GgufFile whole, GgufFile joined) = (GgufFile.Open(_scratch["a.gguf"]), GgufFile.Open(_scratch["b.gguf"]));
        Assert.Equal(new FileInfo(_scratch["model-00001-of-00002.gguf"]).Length + new FileInfo(_scratch["model-00002-of-00002.gguf"]).Length, result.BytesBefore);
        Assert.Equal(whole.Tensors.Select(tensor => tensor.Name).Order(), joined.Tensors.Select(tensor => tensor.Name).Order());
        Assert.All(whole.Tensors, tensor => Assert.Equal(whole.ReadFloats(tensor), joined.ReadFloats(joined.FindTensor(tensor.Name)!)));
        Assert.DoesNotContain(joined.Metadata.Keys, key => key.StartsWith("split.", StringComparison.Ordinal));
    }

    private async Task<UserInputException> RefusedAsync(PruneOptions options)
    {
        string input = TestModel.Create(_scratch["in.gguf"]);
        var refused = await Assert.ThrowsAsync<UserInputException>(() => ModelPruner.PruneAsync(input, _scratch["out.gguf"], options));
        Assert.Equal([input], Directory.GetFiles(_scratch.Path));
        return refused;
    }

    private static ImportanceMatrix Importance(params (string Tensor, int Columns)[] entries) => new()
    {
        Entries = entries.ToDictionary(entry => entry.Tensor, entry => new ImportanceEntry(entry.Tensor, new float[entry.Columns], [1])),
        Datasets = [],
        Chunks = 1,
        ChunkLength = 512,
    };
}
