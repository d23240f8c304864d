using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Models.Quantization;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;

namespace AgentKit.Tests.Training.Engine;

/// <summary>The engine against llama.cpp: logits of the base model and of a written adapter.</summary>
public sealed class LlamaAgreementTests : IDisposable
{
    private static readonly int[] Tokens = [.. Enumerable.Range(0, 48).Select(t => (t * 37 + 11) % 300)];

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData("llama", GgmlType.F32)]
    [InlineData("llama", GgmlType.F16)]
    [InlineData("llama", GgmlType.Q8_0)]
    [InlineData("qwen2", GgmlType.F32)]
    [InlineData("qwen3", GgmlType.F32)]
    public void Logits_OfTheBaseModel_AreLlamasBitForBit(string architecture, GgmlType type)
    {
        using TrainingEngine engine = Open(new TestModelShape { Architecture = architecture, Type = type, Heads = 4, KvHeads = 2 });
        Assert.Equal(0, EngineCheck.Verify(engine));
    }

    [NativeFact]
    public void Logits_OfGranite_AreLlamasBitForBit()
    {
        GgufWriter writer = TestModel.Writer(new TestModelShape { Architecture = "granite", Heads = 4, KvHeads = 2 });
        writer.Set("granite.embedding_scale", 12f).Set("granite.residual_scale", 0.22f)
            .Set("granite.attention.scale", 0.1f).Set("granite.logit_scale", 8f).Write(_folder["model.gguf"]);
        using TrainingEngine engine = TrainingEngine.Open(_folder["model.gguf"], options: new() { Threads = 1 });
        Assert.Equal(0, EngineCheck.Verify(engine));
    }

    [NativeFact]
    public void Logits_OfSmolLm3_LeavePositionsOutOfEveryFourthLayer()
    {
        using TrainingEngine engine = Open(new TestModelShape { Architecture = "smollm3", Layers = 5, Heads = 4, KvHeads = 2 });
        Assert.Equal(0, EngineCheck.Verify(engine));
    }

    [NativeFact]
    public void Logits_OfALengthThatIsFilledUp_AreLlamas()
    {
        using TrainingEngine engine = Open(new TestModelShape());
        int[] tokens = Tokens[..37];
        Assert.InRange(EngineCheck.Difference(engine.Logits(EngineCheck.Whole(tokens)), LlamaReference.Logits(engine.ModelPath, tokens, 1)[..^1]), 0, 1e-6);
    }

    [NativeTheory]
    [InlineData("F32")]
    [InlineData("Q8_0")]
    [InlineData("Q4_0")]
    [InlineData("Q4_K_M")]
    public async Task Loss_OfAWrittenAdapter_IsLlamasLoss(string type)
    {
        // Rows of 256 are what the K types divide into blocks.
        string path = TestModel.Create(_folder["base.gguf"], new TestModelShape { Embedding = 256, Heads = 8, KvHeads = 4, FeedForward = 256, Layers = 1 });
        if (type != "F32") path = (await ModelQuantizer.QuantizeAsync(path, _folder["quantized.gguf"], type)).Output;
        using TrainingEngine engine = TrainingEngine.Open(path, new() { Rank = 3, Alpha = 7 }, seed: 2, new() { Threads = 1 });
        Pack pack = EngineCheck.Whole(Tokens);
        Train(engine, pack, steps: 20, rate: 0.02f);
        double own = Loss(engine.Logits(pack));
        engine.SaveAdapter(_folder["adapter.gguf"], new() { Name = "a", BaseName = "b", BaseSha256 = "c" });
        double llama = Loss(LlamaReference.Logits(path, Tokens, 1, _folder["adapter.gguf"])[..^1]);
        double before = Loss(LlamaReference.Logits(path, Tokens, 1)[..^1]);
        Assert.True(own < 0.7 * before, $"{own} is not clearly below {before}");
        Assert.Equal(own, llama, 1e-5);
    }

    [NativeTheory]
    [InlineData(GgmlType.F32)]
    [InlineData(GgmlType.Q8_0)]
    public void LogProbabilities_OfOwnProducts_AreThoseOfLlamasLogits(GgmlType type)
    {
        using TrainingEngine engine = Open(new TestModelShape { Type = type, Heads = 4, KvHeads = 2 });
        Pack pack = EngineCheck.Whole(Tokens);
        Assert.Equal(Loss(engine.Logits(pack)), -engine.LogProbabilities(pack).Average(), 1e-6);
    }

    [NativeFact]
    public void Verify_LogitsOfAnotherModel_IsRefused()
    {
        using TrainingEngine engine = Open(new TestModelShape());
        TestModel.Create(engine.ModelPath, new TestModelShape(), seed: 9);
        Assert.Contains("differ from llama.cpp's", Assert.Throws<UserInputException>(() => EngineCheck.Verify(engine)).Message, StringComparison.Ordinal);
    }

    [NativeFact]
    public void Open_UnknownFamily_ListsTheKnown()
    {
        string path = TestModel.Create(_folder["model.gguf"], new TestModelShape { Architecture = "gemma" });
        Assert.Contains("llama, qwen2, qwen3, granite, smollm3", Assert.Throws<UserInputException>(() => TrainingEngine.Open(path)).Message, StringComparison.Ordinal);
    }

    private TrainingEngine Open(TestModelShape shape) => TrainingEngine.Open(TestModel.Create(_folder["model.gguf"], shape), options: new() { Threads = 1 });

    private static void Train(TrainingEngine engine, Pack pack, int steps, float rate)
    {
        for (int step = 0; step < steps; step++)
        {
            engine.Adapter.ClearGradient();
            engine.Accumulate(pack, (_, logp) => SftObjective.Compute(logp, pack.Weights));
            engine.Adapter.DownloadGradient();
            for (int i = 0; i < engine.Adapter.Values.Length; i++) engine.Adapter.Values[i] -= rate * Math.Sign(engine.Adapter.Gradient[i]);
            engine.Adapter.Upload();
        }
    }

    private static double Loss(float[][] logits) => SftObjective.ComputeFromLogits(
        [.. logits.Select(row => Array.ConvertAll(row, value => (double)value))], Tokens[1..], [.. Enumerable.Repeat(1.0, logits.Length)]).Loss;
}
