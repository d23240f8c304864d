using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Models.Quantization;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Engine;

namespace AgentKit.Tests.Training.Engine;

public sealed class AdapterMergeTests : IDisposable
{
    /// <summary>Rows of 256 are what the K types divide into blocks.</summary>
    private static readonly TestModelShape Wide = new() { Embedding = 256, Heads = 8, KvHeads = 4, FeedForward = 256 };

    private static readonly int[] Tokens = [.. Enumerable.Range(0, 24).Select(t => (t * 37 + 11) % 300)];

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData(GgmlType.F32, 1e-5)]
    [InlineData(GgmlType.F16, 5e-3)]
    [InlineData(GgmlType.BF16, 2e-2)]
    [InlineData(GgmlType.Q8_0, 5e-2)]
    public async Task Merge_Logits_AreThoseOfModelAndAdapter(GgmlType type, double tolerance)
    {
        TestModelShape shape = new() { Type = type };
        string model = TestModel.Create(_folder["model.gguf"], shape), adapter = TestAdapter.Create(_folder["adapter.gguf"], shape, seed: 4);
        CliRun run = await CliRun.OfAsync("train", "merge", adapter, _folder["merged.gguf"], "-m", model, "--json", "--quiet");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Equal(4, JsonDocument.Parse(run.Out).RootElement.GetProperty("matrices").GetInt32());
        Assert.InRange(JsonDocument.Parse(run.Out).RootElement.GetProperty("rounding").GetDouble(), 0, tolerance);
        AssertMerged(model, adapter, tolerance);
        Assert.Equal(
            GgufFile.Open(model).Metadata.Select(pair => (pair.Key, pair.Value.ToString())), GgufFile.Open(_folder["merged.gguf"]).Metadata.Select(pair => (pair.Key, pair.Value.ToString())));
    }

    /// <summary>Storing a few matrices anew may cost what storing all of them for the first time did.</summary>
    [NativeTheory]
    [InlineData("Q8_0")]
    [InlineData("Q6_K")]
    [InlineData("Q5_K_M")]
    [InlineData("Q5_1")]
    [InlineData("Q5_0")]
    [InlineData("Q4_K_M")]
    [InlineData("Q4_1")]
    [InlineData("Q4_0")]
    [InlineData("IQ4_NL")]
    [InlineData("IQ4_XS")]
    [InlineData("Q3_K_M")]
    [InlineData("IQ3_S")]
    [InlineData("Q2_K")]
    public async Task Merge_QuantizedBase_IsQuantizedAnewAndWritesAsWithTheAdapter(string type)
    {
        string whole = TestModel.Create(_folder["whole.gguf"], Wide), model = (await ModelQuantizer.QuantizeAsync(whole, _folder["model.gguf"], type)).Output;
        string adapter = TestAdapter.Create(_folder["adapter.gguf"], Wide, seed: 4);
        MergeResult result = await AdapterMerge.WriteAsync(model, adapter, _folder["merged.gguf"]);
        Assert.Equal(4, result.Matrices);
        Assert.Equal(
            GgufFile.Open(model).Tensors.Select(tensor => (tensor.Name, tensor.Type)), GgufFile.Open(_folder["merged.gguf"]).Tensors.Select(tensor => (tensor.Name, tensor.Type)));
        float[][] merged = LlamaReference.Logits(_folder["merged.gguf"], Tokens, 1), beside = LlamaReference.Logits(model, Tokens, 1, adapter);
        float[][] without = LlamaReference.Logits(model, Tokens, 1);
        Assert.InRange(Distance(merged, beside), 0, 2 * Distance(without, LlamaReference.Logits(whole, Tokens, 1)));
        Assert.True(Distance(merged, without) > 2 * Distance(merged, beside));
        Assert.InRange(result.Rounding, 1e-3, 0.3);
    }

    [NativeFact]
    public async Task Merge_OtherType_StoresOnlyTheChangedMatricesSo()
    {
        string model = (await ModelQuantizer.QuantizeAsync(TestModel.Create(_folder["whole.gguf"], Wide), _folder["model.gguf"], "Q4_0")).Output;
        string adapter = TestAdapter.Create(_folder["adapter.gguf"], Wide, seed: 4);
        CliRun run = await CliRun.OfAsync("train", "merge", adapter, _folder["merged.gguf"], "-m", model, "--type", "f32", "--json", "--quiet");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.All(GgufFile.Open(_folder["merged.gguf"]).Tensors, tensor => Assert.Equal(
            tensor.Name.Contains("attn_q.") || tensor.Name.Contains("ffn_down") ? GgmlType.F32 : GgufFile.Open(model).FindTensor(tensor.Name)!.Type, tensor.Type));
        Assert.InRange(JsonDocument.Parse(run.Out).RootElement.GetProperty("rounding").GetDouble(), 0, 1e-6);
        AssertMerged(model, adapter, 0.05);
    }

    [NativeFact]
    public async Task Merge_TypeThatNeedsAnImportanceMatrix_NamesTheWayOut()
    {
        TestModelShape shape = Wide with { Layers = 1 };
        GgufFile whole = GgufFile.Open(TestModel.Create(_folder["whole.gguf"], shape));
        GgufWriter writer = GgufWriter.WithMetadataOf(whole);
        foreach (GgufTensorInfo tensor in whole.Tensors)
        {
            if (!tensor.Name.Contains("attn_q.")) writer.AddCopy(whole, tensor);
            else writer.AddRaw(tensor.Name, GgmlType.IQ2_XS, [.. tensor.Shape], new byte[tensor.Elements / 256 * 74]);
        }

        writer.Write(_folder["model.gguf"]);
        string adapter = TestAdapter.Create(_folder["adapter.gguf"], shape, seed: 4);
        string[] merge = ["train", "merge", adapter, _folder["merged.gguf"], "-m", _folder["model.gguf"], "--quiet"];
        CliRun refused = await CliRun.OfAsync(merge);
        Assert.Equal(ExitCode.WrongInput, refused.ExitCode);
        Assert.Contains("blk.0.attn_q.weight is stored as IQ2_XS", refused.Error, StringComparison.Ordinal);
        Assert.Contains("importance matrix", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--type", refused.Error, StringComparison.Ordinal);
        CliRun wrong = await CliRun.OfAsync([.. merge, "--type", "IQ2_XS"]);
        Assert.Equal(ExitCode.WrongInput, wrong.ExitCode);
        Assert.Contains("allowed are F32", wrong.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["merged.gguf"]));
        Assert.Equal(ExitCode.Done, (await CliRun.OfAsync([.. merge, "--type", "Q8_0"])).ExitCode);
        AssertMerged(_folder["model.gguf"], adapter, 0.02);
    }

    [NativeFact]
    public async Task Merge_AdapterOfAnotherFile_NeedsOtherBase()
    {
        string whole = TestModel.Create(_folder["whole.gguf"], Wide);
        string small = (await ModelQuantizer.QuantizeAsync(whole, _folder["small.gguf"], "Q4_K_M")).Output, adapter = _folder["adapter.gguf"];
        TestAdapter.Writer(Wide, seed: 4).Set("agentkit.base_sha256", AdapterBase.HashOf(small, default)).Set("general.base_model.0.name", "small one").Write(adapter);
        CliRun refused = await CliRun.OfAsync("train", "merge", adapter, _folder["merged.gguf"], "-m", whole, "--quiet");
        Assert.Equal(ExitCode.WrongInput, refused.ExitCode);
        Assert.Contains("it was trained on small one with SHA-256", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--other-base", refused.Error, StringComparison.Ordinal);
        CliRun taken = await CliRun.OfAsync("train", "merge", adapter, _folder["merged.gguf"], "-m", whole, "--other-base", "--quiet");
        Assert.Equal(ExitCode.Done, taken.ExitCode);
        AssertMerged(whole, adapter, 1e-5);
        Assert.Equal(4, (await AdapterMerge.WriteAsync(small, adapter, _folder["own.gguf"])).Matrices);
    }

    [NativeFact]
    public async Task Merge_SplitModel_BecomesOneWholeFile()
    {
        TestModelShape shape = new();
        string whole = TestModel.Create(_folder["whole.gguf"], shape), first = SplitModel.Of(whole);
        string adapter = TestAdapter.Create(_folder["adapter.gguf"], shape, seed: 4);
        Assert.Equal(4, (await AdapterMerge.WriteAsync(first, adapter, _folder["merged.gguf"])).Matrices);
        await AdapterMerge.WriteAsync(whole, adapter, _folder["expected.gguf"]);
        GgufFile merged = GgufFile.Open(_folder["merged.gguf"]), expected = GgufFile.Open(_folder["expected.gguf"]);
        Assert.DoesNotContain(merged.Metadata.Keys, key => key.StartsWith("split.", StringComparison.Ordinal));
        Assert.Equal(expected.Tensors.Select(tensor => tensor.Name).Order(), merged.Tensors.Select(tensor => tensor.Name).Order());
        Assert.All(expected.Tensors, tensor => Assert.Equal(expected.ReadFloats(tensor), merged.ReadFloats(merged.FindTensor(tensor.Name)!)));
        AssertMerged(whole, adapter, 1e-5);
    }

    [NativeFact]
    public async Task Merge_Experts_ChangesEachByItsOwnUpdate()
    {
        TestModelShape shape = new() { Experts = 4, ExpertsUsed = 2 };
        string model = TestModel.Create(_folder["model.gguf"], shape);
        Write(shape, writer => Pair(writer, "blk.0.ffn_down_exps.weight", [shape.FeedForward, 4, 4], [4, shape.Embedding, 4]));
        Assert.Equal(1, (await AdapterMerge.WriteAsync(model, _folder["adapter.gguf"], _folder["merged.gguf"])).Matrices);
        AssertMerged(model, _folder["adapter.gguf"], 1e-5);
    }

    [NativeFact]
    public async Task Merge_AlphaOfZero_CountsTheUpdateOnce()
    {
        TestModelShape shape = new();
        string model = TestModel.Create(_folder["model.gguf"], shape);
        TestAdapter.Writer(shape, seed: 4).Set("adapter.lora.alpha", 0f).Write(_folder["adapter.gguf"]);
        await AdapterMerge.WriteAsync(model, _folder["adapter.gguf"], _folder["merged.gguf"]);
        AssertMerged(model, _folder["adapter.gguf"], 1e-5);
    }

    [NativeFact]
    public async Task Merge_Embedding_HasItsSidesSwapped()
    {
        TestModelShape shape = new();
        string model = TestModel.Create(_folder["model.gguf"], shape);
        Write(shape, writer => Pair(writer, "token_embd.weight", [4, shape.Vocabulary], [4, shape.Embedding]));
        Assert.Equal(4, AdapterInfo.Read(_folder["adapter.gguf"]).Rank);
        await AdapterMerge.WriteAsync(model, _folder["adapter.gguf"], _folder["merged.gguf"]);
        AssertMerged(model, _folder["adapter.gguf"], 1e-5);
    }

    [Fact]
    public async Task Merge_NotFiniteAdapter_IsRefused()
    {
        TestModelShape shape = new();
        string model = TestModel.Create(_folder["model.gguf"], shape);
        Write(shape, writer => writer.Add("blk.0.attn_k.weight.lora_a", GgmlType.F32, [64, 1], Enumerable.Repeat(float.NaN, 64).ToArray())
            .Add("blk.0.attn_k.weight.lora_b", GgmlType.F32, [1, 32], new float[32]));
        UserInputException refused = await Assert.ThrowsAsync<UserInputException>(() => AdapterMerge.WriteAsync(model, _folder["adapter.gguf"], _folder["merged.gguf"]));
        Assert.Contains("blk.0.attn_k.weight has a weight", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path), file => file.Contains("merged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Merge_Cancelled_LeavesNothing()
    {
        string model = TestModel.Create(_folder["model.gguf"]), adapter = TestAdapter.Create(_folder["adapter.gguf"], new(), seed: 4);
        using var stop = new CancellationTokenSource();
        var progress = new Cancelling(stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AdapterMerge.WriteAsync(model, adapter, _folder["merged.gguf"], null, progress, stop.Token));
        Assert.Equal(1, progress.Reports);
        Assert.Equal(["adapter.gguf", "model.gguf"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Merge_ForeignModelOrOutput_IsRefused()
    {
        string model = TestModel.Create(_folder["model.gguf"]), adapter = TestAdapter.Create(_folder["adapter.gguf"], new(), seed: 4);
        string other = TestModel.Create(_folder["other.gguf"], new TestModelShape { Embedding = 32 });
        Assert.Contains("does not belong to", await Refused(other, _folder["out.gguf"]), StringComparison.Ordinal);
        Assert.Contains("--force", await Refused(model, other), StringComparison.Ordinal);
        Assert.Contains("is the input", await Refused(model, model, "--force"), StringComparison.Ordinal);
        Assert.Contains("is the input", await Refused(model, adapter, "--force"), StringComparison.Ordinal);
        Assert.Contains("is a folder", await Refused(model, _folder.Path, "--force"), StringComparison.Ordinal);
        Assert.Contains("there is no folder", await Refused(model, _folder["none/out.gguf"]), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["out.gguf"]));

        async Task<string> Refused(string path, string output, params string[] more)
        {
            CliRun run = await CliRun.OfAsync(["train", "merge", adapter, output, "-m", path, .. more]);
            Assert.Equal(ExitCode.WrongInput, run.ExitCode);
            return run.Error;
        }
    }

    /// <summary>The merged file writes as the model does with the adapter, and not as the model alone.</summary>
    private void AssertMerged(string model, string adapter, double tolerance)
    {
        float[][] merged = LlamaReference.Logits(_folder["merged.gguf"], Tokens, 1);
        float[][] beside = LlamaReference.Logits(model, Tokens, 1, adapter), without = LlamaReference.Logits(model, Tokens, 1);
        Assert.InRange(EngineCheck.Difference(merged, beside), 0, tolerance);
        Assert.True(EngineCheck.Difference(merged, without) > Math.Max(0.1, 2 * tolerance));
    }

    /// <summary>Root of the mean squared difference.</summary>
    private static double Distance(float[][] left, float[][] right) =>
        Math.Sqrt(left.Zip(right).Average(rows => rows.First.Zip(rows.Second).Average(pair => Math.Pow(pair.First - pair.Second, 2))));

    private void Write(TestModelShape shape, Action<GgufWriter> add)
    {
        var writer = new GgufWriter();
        writer.Set("general.type", "adapter").Set("general.architecture", shape.Architecture).Set("adapter.type", "lora").Set("adapter.lora.alpha", 8f);
        add(writer);
        writer.Write(_folder["adapter.gguf"]);
    }

    private static void Pair(GgufWriter writer, string name, long[] a, long[] b)
    {
        writer.Add($"{name}.lora_a", GgmlType.F32, a, Waves(a, 0.37f)).Add($"{name}.lora_b", GgmlType.F32, b, Waves(b, 0.73f));

        static float[] Waves(long[] shape, float step) => [.. Enumerable.Range(1, (int)shape.Aggregate((x, y) => x * y)).Select(i => 0.3f * MathF.Sin(step * i * i))];
    }

    private sealed class Cancelling(CancellationTokenSource stop) : IProgress<MergeProgress>
    {
        public int Reports { get; private set; }

        public void Report(MergeProgress value)
        {
            Reports++;
            stop.Cancel();
        }
    }
}
