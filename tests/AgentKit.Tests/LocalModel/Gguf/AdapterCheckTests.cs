using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.Models.Gguf;

public sealed class AdapterCheckTests
{
    private static readonly TestModelShape Shape = new();

    [Fact]
    public void Verify_AdapterForTheModel_Passes() => Check(TestAdapter.Writer(Shape, 1));

    [Theory]
    [InlineData("general.type", "model")]
    [InlineData("adapter.type", "control_vector")]
    [InlineData("general.architecture", "qwen3")]
    [InlineData("adapter.lora.alpha", "16")]
    public void Verify_WrongValue_IsRefusedByKey(string key, string value) =>
        Assert.Equal(key, Refusal(TestAdapter.Writer(Shape, 1).Set(key, value)).Field);

    [Fact]
    public void Verify_OtherModelsShapes_NamesTheTensorAndBothShapes()
    {
        UserInputException error = Refusal(TestAdapter.Writer(Shape with { Embedding = 128 }, 1));
        Assert.Contains("blk.0.attn_q.weight", error.Message);
        Assert.Contains("[128, 4]", error.Message);
        Assert.Contains("[64, 64]", error.Message);
    }

    [Theory]
    [InlineData("blk.0.attn_v.weight.lora_a")]
    [InlineData("blk.9.attn_q.weight.lora_a")]
    [InlineData("blk.0.attn_q.weight.lora_c")]
    public void Verify_TensorWithoutPairOrTarget_IsRefused(string name) =>
        Assert.Equal(name, Refusal(TestAdapter.Writer(Shape, 1).Add(name, GgmlType.F32, [64, 4], new float[256])).Field);

    /// <summary>llama.cpp would put it on the output as well, and stop the process.</summary>
    [Fact]
    public void Verify_EmbeddingThatIsTheOutputToo_IsRefused()
    {
        using ScratchFolder folder = new();
        TestModelShape tied = new() { Architecture = "gemma3" };
        TestAdapter.Writer(tied, 1).Add("token_embd.weight.lora_a", GgmlType.F32, [4, tied.Vocabulary], new float[4 * tied.Vocabulary])
            .Add("token_embd.weight.lora_b", GgmlType.F32, [4, 64], new float[256]).Write(folder["adapter.gguf"]);
        GgufFile adapter = GgufFile.Open(folder["adapter.gguf"]), model = GgufFile.Open(TestModel.Create(folder["model.gguf"], tied));
        Assert.Contains("also this model's output matrix", Assert.Throws<UserInputException>(() => AdapterCheck.Verify(adapter, model)).Message);
    }

    [Fact]
    public void Verify_SplitModel_LooksIntoAllParts()
    {
        using ScratchFolder folder = new();
        GgufFile model = GgufFile.Open(SplitModel.Of(TestModel.Create(folder["model.gguf"], Shape)));
        TestAdapter.Create(folder["adapter.gguf"], Shape, 1);
        AdapterCheck.Verify(GgufFile.Open(folder["adapter.gguf"]), model);
        TestAdapter.Create(folder["deeper.gguf"], Shape with { Layers = 3 }, 1);
        UserInputException error = Assert.Throws<UserInputException>(() => AdapterCheck.Verify(GgufFile.Open(folder["deeper.gguf"]), model));
        Assert.Contains("changes blk.2.attn_q.weight, which this model does not have", error.Message);
    }

    private static UserInputException Refusal(GgufWriter adapter) => Assert.Throws<UserInputException>(() => Check(adapter));

    private static void Check(GgufWriter adapter)
    {
        using ScratchFolder folder = new();
        adapter.Write(folder["adapter.gguf"]);
        AdapterCheck.Verify(GgufFile.Open(folder["adapter.gguf"]), GgufFile.Open(TestModel.Create(folder["model.gguf"], Shape)));
    }
}
