using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AgentKit.Training.Native;

/// <summary>The head of <c>struct ggml_tensor</c> (llama.cpp v0.5.0): what an operation of our own must know about its operands.</summary>
[StructLayout(LayoutKind.Explicit, Size = 336)]
internal unsafe struct GgmlTensor
{
    [FieldOffset(0)]
    public int Type;

    [FieldOffset(16)]
    public FourSizes Sizes;

    /// <summary>In bytes.</summary>
    [FieldOffset(48)]
    public FourSizes Strides;

    [FieldOffset(152)]
    public GgmlTensor* Source0;

    [FieldOffset(160)]
    public GgmlTensor* Source1;

    [FieldOffset(232)]
    public nint ViewSource;

    [FieldOffset(248)]
    public byte* Data;

    /// <summary>Fastest first.</summary>
    [InlineArray(4)]
    internal struct FourSizes
    {
        private long _first;
    }
}
