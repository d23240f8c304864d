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

    private static UserInputException Refusal(GgufWriter adapter) => Assert.Throws<UserInputException>(() => Check(adapter));

    private static void Check(GgufWriter adapter)
    {
        using ScratchFolder folder = new();
        adapter.Write(folder["adapter.gguf"]);
        AdapterCheck.Verify(GgufFile.Open(folder["adapter.gguf"]), GgufFile.Open(TestModel.Create(folder["model.gguf"], Shape)));
    }
}
