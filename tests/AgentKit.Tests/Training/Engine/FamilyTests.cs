using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using AgentKit.Training.Data;
using AgentKit.Training.Engine;
using AgentKit.Training.Objectives;

namespace AgentKit.Tests.Training.Engine;

/// <summary>gemma2, gemma3 and phi3 against llama.cpp and against central differences, beyond their windows.</summary>
public sealed class FamilyTests : IDisposable
{
    private static readonly LoraOptions Lora = new() { Rank = 4, Alpha = 8 };
    private static readonly EngineOptions OneThread = new() { Threads = 1, HeadChunk = 7 };

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

    private TrainingEngine Open(string architecture, GgmlType type = GgmlType.F32, EngineOptions? options = null) =>
        TrainingEngine.Open(FamilyModels.Create(_folder["model.gguf"], architecture, type), Lora, seed: 1, options ?? OneThread);

    private static int[] Text(int tokens) => [.. Enumerable.Range(0, tokens).Select(t => (t * 37 + 11) % 300)];
}
