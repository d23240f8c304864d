using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;
using AgentKit.Models.Quantization;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;
using Microsoft.Extensions.AI;

namespace AgentKit.SlowTests.Models;

public sealed class ModelQuantizerTests : IDisposable
{
    private static readonly TestModelShape Shape = new() { Embedding = 256, Heads = 4, KvHeads = 2, FeedForward = 512, Type = GgmlType.F16 };

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<string> Types() => [.. ModelQuantizer.Types.Except(ModelQuantizer.TypesNeedingImportance)];

    [NativeTheory]
    [MemberData(nameof(Types))]
    public async Task Quantize_EveryType_GivesAModelThatAnswers(string type)
    {
        string input = TestModel.Create(_scratch["in.gguf"], Shape);
        var steps = new Steps();
        QuantizeResult result = await ModelQuantizer.QuantizeAsync(input, _scratch["out.gguf"], type.ToLowerInvariant(), null, steps);
        Assert.Equal(new FileInfo(_scratch["out.gguf"]).Length, result.BytesAfter);
        Assert.Equal(type is "F16" or "BF16" or "F32", result.BytesAfter > result.BytesBefore * 0.9);
        Assert.Empty(result.Fallbacks);
        Assert.Equal(Enumerable.Range(1, result.Tensors), steps.Seen.Select(step => step.Done));
        Assert.Equal(["in.gguf", "out.gguf"], Directory.GetFiles(_scratch.Path).Select(path => Path.GetFileName(path)!).Order());
        await using LocalModel model = LocalModel.Open(_scratch["out.gguf"]);
        ChatResponse answer = await model.GetResponseAsync("hello", new() { MaxOutputTokens = 4 });
        Assert.InRange(answer.Usage!.OutputTokenCount!.Value, 1, 4);
    }

    [NativeFact]
    public async Task Quantize_RowsThatDoNotDivide_FallBackAndSaySo()
    {
        string input = TestModel.Create(_scratch["in.gguf"], Shape with { Embedding = 96, Heads = 3, KvHeads = 1, FeedForward = 160 });
        QuantizeResult result = await ModelQuantizer.QuantizeAsync(input, _scratch["out.gguf"], "Q4_K_M");
        Assert.Contains(result.Fallbacks, fallback => fallback is { Tensor: "blk.0.attn_q.weight", Wanted: "q4_K", Used: "q5_0" });
        Assert.Equal(GgmlType.Q5_0, GgufFile.Open(_scratch["out.gguf"]).FindTensor("blk.0.attn_q.weight")!.Type);
    }

    [NativeFact]
    public async Task Quantize_QuantizedInput_IsRefusedUnlessAllowed()
    {
        string input = TestModel.Create(_scratch["in.gguf"], Shape with { Type = GgmlType.Q8_0 });
        var refused = await Assert.ThrowsAsync<UserInputException>(() => ModelQuantizer.QuantizeAsync(input, _scratch["out.gguf"], "Q4_0"));
        Assert.Contains("--requantize", refused.Message, StringComparison.Ordinal);
        await ModelQuantizer.QuantizeAsync(input, _scratch["out.gguf"], "Q4_0", new() { AllowRequantize = true });
        Assert.True(File.Exists(_scratch["out.gguf"]));
    }

    [NativeFact]
    public async Task Quantize_OutputExists_IsRefusedUnlessForced()
    {
        string input = TestModel.Create(_scratch["in.gguf"], Shape);
        _scratch.Write("out.gguf", "precious");
        var refused = await Assert.ThrowsAsync<UserInputException>(() => ModelQuantizer.QuantizeAsync(input, _scratch["out.gguf"], "Q4_0"));
        Assert.Equal("OUT", refused.Field);
        Assert.Equal("precious", File.ReadAllText(_scratch["out.gguf"]));
        await ModelQuantizer.QuantizeAsync(input, _scratch["out.gguf"], "Q4_0", new() { Overwrite = true });
        Assert.True(new FileInfo(_scratch["out.gguf"]).Length > 1000);
    }

    [Theory]
    [InlineData("in.gguf", "Q4_0", "OUT")]
    [InlineData("link.gguf", "Q4_0", "OUT")]
    [InlineData("missing/out.gguf", "Q4_0", "OUT")]
    [InlineData("out.gguf", "Q4_9", "TYPE")]
    public async Task Quantize_WrongArguments_NamesTheOne(string output, string type, string field)
    {
        string input = TestModel.Create(_scratch["in.gguf"], Shape);
        byte[] before = File.ReadAllBytes(input);
        File.CreateSymbolicLink(_scratch["link.gguf"], input);
        var refused = await Assert.ThrowsAsync<UserInputException>(
            () => ModelQuantizer.QuantizeAsync(input, _scratch[output], type, new() { Overwrite = true }));
        Assert.Equal(field, refused.Field);
        Assert.Equal(before, File.ReadAllBytes(input));
    }

    [NativeFact]
    public async Task Quantize_Cancelled_LeavesNoFile()
    {
        string input = TestModel.Create(_scratch["in.gguf"], Shape with { Layers = 8, Embedding = 512, Heads = 8, FeedForward = 2048 });
        using var stop = new CancellationTokenSource();
        var steps = new Steps { OnStep = _ => stop.Cancel() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ModelQuantizer.QuantizeAsync(input, _scratch["out.gguf"], "Q4_K_M", null, steps, stop.Token));
        Assert.Equal([input], Directory.GetFiles(_scratch.Path));
        // The one after it waits for llama.cpp to be done, and is not disturbed.
        await ModelQuantizer.QuantizeAsync(input, _scratch["out.gguf"], "Q4_K_M");
        Assert.Equal(2, Directory.GetFiles(_scratch.Path).Length);
    }

    private sealed class Steps : IProgress<QuantizeProgress>
    {
        public List<QuantizeProgress> Seen { get; } = [];

        public Action<QuantizeProgress>? OnStep { get; init; }

        public void Report(QuantizeProgress value)
        {
            Seen.Add(value);
            OnStep?.Invoke(value);
        }
    }
}
