using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Training.Engine;
using AgentKit.Models.Native;
using AgentKit.Training.Native;

namespace AgentKit.Tests.Training.Kernels;

/// <summary>Where the fields of ggml's tensors lie, asked of the library itself.</summary>
public sealed unsafe class GgmlTensorTests
{
    [NativeFact]
    public void Fields_OfTensorsAndTheirViews_AreWhereWeReadThem()
    {
        using GgmlBackend backend = GgmlBackend.OpenCpu(1, ProductPath.Ggml);
        using var set = new TensorSet(2);
        nint first = set.Add(GgmlType.F32, 3, 5, 2), second = set.Add(GgmlType.F16, 4);
        set.Allocate(backend);
        GgmlBackend.Write<float>(first, [.. Enumerable.Range(0, 30).Select(i => (float)i)]);
        GgmlTensor* tensor = (GgmlTensor*)first;
        Assert.Equal((0, 1), (tensor->Type, ((GgmlTensor*)second)->Type));
        Assert.Equal([3, 5, 2, 1], (long[])[tensor->Sizes[0], tensor->Sizes[1], tensor->Sizes[2], tensor->Sizes[3]]);
        Assert.Equal([4, 12, 60, 120], (long[])[tensor->Strides[0], tensor->Strides[1], tensor->Strides[2], tensor->Strides[3]]);
        Assert.Equal(29, ((float*)tensor->Data)[29]);
        Assert.Equal(0, tensor->ViewSource);
        using TensorContextHandle context = Ggml.Init(new() { MemorySize = 4 * Ggml.TensorOverhead(), NoAlloc = 1 });
        GgmlTensor* view = (GgmlTensor*)Ggml.Transpose(context, first);
        Assert.Equal((first, first, (long)12), (view->ViewSource, (nint)view->Source0, view->Strides[0]));
        GgmlTensor* sum = (GgmlTensor*)Ggml.Add(context, first, first);
        Assert.Equal(first, (nint)sum->Source1);
    }
}
