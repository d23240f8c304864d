using AgentKit.Models.Native;

namespace AgentKit.Tests.Models.Quantization;

/// <summary>Sizes and places in memory of the structures of llama.cpp v0.5.0 on 64 bits.</summary>
public unsafe class NativeLayoutTests
{
    [Fact]
    public void Tensor_Fields_LieWhereGgmlHasThem()
    {
        GgmlTensor tensor;
        byte* start = (byte*)&tensor;
        Assert.Equal(336, sizeof(GgmlTensor));
        Assert.Equal(
            [0, 16, 48, 80, 152, 160, 168, 232, 248, 256],
            (long[])
            [
                (byte*)&tensor.Type - start, (byte*)&tensor.Sizes - start, (byte*)&tensor.Strides - start, (byte*)&tensor.Operation - start,
                (byte*)&tensor.Source0 - start, (byte*)&tensor.Source1 - start, (byte*)&tensor.Source2 - start, (byte*)&tensor.ViewSource - start,
                (byte*)&tensor.Data - start, tensor.Name - start,
            ]);
    }

    [Fact]
    public void KeyValue_Fields_LieWhereLlamaHasThem()
    {
        LlamaKeyValue value;
        byte* start = (byte*)&value;
        Assert.Equal(264, sizeof(LlamaKeyValue));
        Assert.Equal([0, 4, 136, 136], (long[])[(byte*)&value.Tag - start, value.Key - start, (byte*)&value.Integer - start, value.Text - start]);
    }

    [Fact]
    public void OtherStructures_Sizes_AreThoseOfC()
    {
        Assert.Equal(24, sizeof(LlamaImportance));
        Assert.Equal(56, sizeof(GgmlTypeTraits));
        Assert.Equal(64, sizeof(LlamaQuantizeParams));
        LlamaContextParams context;
        Assert.Equal((88, 160), ((byte*)&context.EvalCallback - (byte*)&context, sizeof(LlamaContextParams)));
    }
}
