using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Models.Pruning;
using AgentKit.Models.Quantization;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.SlowTests.Models;

public sealed class ImportanceCollectorTests : IDisposable
{
    private static readonly string Text = ToolChats.Create(seed: 3, conversations: 12);
    private static readonly ImportanceOptions Options = new() { ChunkLength = 256, ParseSpecial = true, Threads = 1 };

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [NativeFact]
    public async Task Collect_ShippedModel_AgreesWithTheFirstLayerComputedFromItsWeights()
    {
        ImportanceResult result = await ImportanceCollector.CollectAsync(ShippedModel.Path, Text, _scratch["imatrix.gguf"], Options);
        Assert.Equal(6 * 7, result.Matrix.Entries.Count);
        Assert.InRange(result.Matrix.Chunks, 8, 40);
        Assert.All(result.Matrix.Entries.Values, entry => Assert.Equal([result.Matrix.Chunks * 256L], entry.Counts));

        double[] expected = FirstNorm(result.Matrix.Chunks * 256);
        foreach (string name in (string[])["blk.0.attn_q.weight", "blk.0.attn_k.weight", "blk.0.attn_v.weight"])
        {
            IReadOnlyList<float> found = result.Matrix.Entries[name].SquaredSums;
            for (int j = 0; j < expected.Length; j++) Assert.InRange(found[j] / expected[j], 1 - 1e-5, 1 + 1e-5);
        }
    }

    [NativeFact]
    public async Task Collect_Experts_AreCountedEachOnItsOwn()
    {
        string model = TestModel.Create(_scratch["moe.gguf"], new() { Experts = 4, ExpertsUsed = 2 });
        ImportanceResult result = await ImportanceCollector.CollectAsync(model, Text, _scratch["imatrix.gguf"], Options with { Chunks = 3 });
        long tokens = result.Matrix.Chunks * 256L;
        ImportanceEntry router = result.Matrix.Entries["blk.0.ffn_gate_inp.weight"], experts = result.Matrix.Entries["blk.0.ffn_gate_exps.weight"];
        Assert.Equal([tokens], router.Counts);
        Assert.Equal((4, 64, 2 * tokens), (experts.Counts.Count, experts.Columns, experts.Counts.Sum()));
        Assert.True(experts.Counts.Distinct().Count() > 1);
        // Every token goes to two experts, whose inputs are what the router reads.
        for (int j = 0; j < experts.Columns; j++)
        {
            double sum = Enumerable.Range(0, 4).Sum(expert => (double)experts.SquaredSums[(expert * 64) + j]);
            Assert.InRange(sum / (2.0 * router.SquaredSums[j]), 1 - 1e-5, 1 + 1e-5);
        }

        Assert.Equal(4 * 128, result.Matrix.Entries["blk.1.ffn_down_exps.weight"].SquaredSums.Count);
        QuantizeResult quantized = await ModelQuantizer.QuantizeAsync(model, _scratch["q.gguf"], "Q4_0", new() { Importance = result.Matrix });
        Assert.Empty(quantized.WithoutImportance);
    }

    [NativeFact]
    public async Task Collect_CancelledAndResumed_GivesWhatOneRunGives()
    {
        ImportanceResult whole = await ImportanceCollector.CollectAsync(ShippedModel.Path, Text, _scratch["whole.gguf"], Options with { Chunks = 4 });
        using var stop = new CancellationTokenSource();
        var steps = new Steps(step => { if (step.Done == 512) stop.Cancel(); });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ImportanceCollector.CollectAsync(ShippedModel.Path, Text, _scratch["part.gguf"], Options with { Chunks = 4 }, steps, stop.Token));
        Assert.Equal(2, ImportanceMatrix.Read(_scratch["part.gguf"]).Chunks);

        var refused = await Assert.ThrowsAsync<UserInputException>(
            () => ImportanceCollector.CollectAsync(ShippedModel.Path, Text + "x", _scratch["part.gguf"], Options with { Resume = true }));
        Assert.Contains("another text", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<UserInputException>(() => ImportanceCollector.CollectAsync(ShippedModel.Path, Text, _scratch["part.gguf"], Options));
        Assert.Contains("--resume", refused.Message, StringComparison.Ordinal);

        ImportanceResult resumed = await ImportanceCollector.CollectAsync(
            ShippedModel.Path, Text, _scratch["part.gguf"], Options with { Chunks = 4, Resume = true });
        Assert.Equal((2, 4), (resumed.ResumedFrom, resumed.Matrix.Chunks));
        foreach (ImportanceEntry entry in whole.Matrix.Entries.Values)
        {
            ImportanceEntry other = ImportanceMatrix.Read(_scratch["part.gguf"]).Entries[entry.Tensor];
            Assert.Equal(entry.Counts, other.Counts);
            for (int j = 0; j < entry.Columns; j++) Assert.InRange(other.SquaredSums[j] / entry.SquaredSums[j], 1 - 1e-6f, 1 + 1e-6f);
        }
    }

    [NativeFact]
    public async Task Collect_TooLittleText_SaysHowMuchIsNeeded()
    {
        var refused = await Assert.ThrowsAsync<UserInputException>(() => ImportanceCollector.CollectAsync(ShippedModel.Path, "few words", _scratch["x.gguf"]));
        Assert.Equal("text", refused.Field);
        Assert.Contains("512 are needed", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_scratch.Path));
    }

    [NativeFact]
    public async Task Collect_OutputMatrix_IsThereOnlyWhenAskedFor()
    {
        string model = TestModel.Create(_scratch["m.gguf"]);
        ImportanceResult without = await ImportanceCollector.CollectAsync(model, Text, _scratch["a.gguf"], Options with { Chunks = 1 });
        ImportanceResult with = await ImportanceCollector.CollectAsync(model, Text, _scratch["b.gguf"], Options with { Chunks = 1, OutputMatrix = true });
        Assert.Equal(["output.weight"], with.Matrix.Entries.Keys.Except(without.Matrix.Entries.Keys));
        Assert.Equal([256L], with.Matrix.Entries["output.weight"].Counts);
    }

    [NativeFact]
    public async Task Collect_FileOfAnotherProgramOrAPartOfTheModel_IsNotTouched()
    {
        string model = SplitModel.Of(TestModel.Create(_scratch["m.gguf"])), part = _scratch["part-00002-of-00002.gguf"];
        ImportanceResult made = await ImportanceCollector.CollectAsync(model, Text, _scratch["own.gguf"], Options with { Chunks = 1 });
        new ImportanceMatrix { Entries = made.Matrix.Entries, Datasets = [], Chunks = 1, ChunkLength = 256 }.Write(_scratch["foreign.gguf"]);
        Assert.Contains("does not say which model", await RefusedAsync(_scratch["foreign.gguf"], Options with { Resume = true }), StringComparison.Ordinal);
        Assert.Contains("is the input", await RefusedAsync(part, Options with { Overwrite = true }), StringComparison.Ordinal);
        Assert.NotEmpty(GgufFile.Open(part).Tensors);

        async Task<string> RefusedAsync(string output, ImportanceOptions options) =>
            (await Assert.ThrowsAsync<UserInputException>(() => ImportanceCollector.CollectAsync(model, Text, output, options))).Message;
    }

    [NativeFact]
    public async Task Quantize_ImportanceOfAnotherFileOfTheShape_IsSaid()
    {
        string model = TestModel.Create(_scratch["m.gguf"]), other = TestModel.Create(_scratch["other.gguf"], seed: 2);
        ImportanceResult matrix = await ImportanceCollector.CollectAsync(model, Text, _scratch["i.gguf"], Options with { Chunks = 1 });
        Assert.False((await ModelQuantizer.QuantizeAsync(model, _scratch["q1.gguf"], "Q4_0", new() { Importance = matrix.Matrix })).ImportanceOfOtherFile);
        Assert.True((await ModelQuantizer.QuantizeAsync(other, _scratch["q2.gguf"], "Q4_0", new() { Importance = matrix.Matrix })).ImportanceOfOtherFile);
        Assert.True((await ModelPruner.PruneAsync(other, _scratch["p.gguf"], new() { Importance = matrix.Matrix })).ImportanceOfOtherFile);
    }

    /// <summary>RMSNorm of the embeddings, times the norm's weights, squared and added up over the tokens.</summary>
    private static double[] FirstNorm(int count)
    {
        GgufFile file = GgufFile.Open(ShippedModel.Path);
        float[] embeddings = file.ReadFloats(file.FindTensor("token_embd.weight")!), norm = file.ReadFloats(file.FindTensor("blk.0.attn_norm.weight")!);
        double epsilon = file.FindNumber("llama.attention.layer_norm_rms_epsilon")!.Value;
        var sums = new double[norm.Length];
        foreach (int token in Tokens().Take(count))
        {
            Span<float> row = embeddings.AsSpan(token * norm.Length, norm.Length);
            double mean = 0;
            foreach (float value in row) mean += (double)value * value / row.Length;
            for (int j = 0; j < row.Length; j++) sums[j] += Math.Pow(row[j] * norm[j], 2) / (mean + epsilon);
        }

        return sums;
    }

    private static int[] Tokens()
    {
        using LocalModel model = LocalModel.Open(ShippedModel.Path, new() { ContextLength = 64 });
        return model.Tokenizer.Encode(Text, addSpecial: true, parseSpecial: true);
    }

    private sealed class Steps(Action<ImportanceProgress> told) : IProgress<ImportanceProgress>
    {
        public void Report(ImportanceProgress value) => told(value);
    }
}
