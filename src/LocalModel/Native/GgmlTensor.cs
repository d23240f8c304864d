using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AgentKit.Models.Native;

/// <summary>The part of <c>struct ggml_tensor</c> (llama.cpp v0.5.0) that callbacks must read: what a node computes, and its operands.</summary>
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

    /// <summary>A <c>ggml_op</c>.</summary>
    [FieldOffset(80)]
    public int Operation;

    [FieldOffset(152)]
    public GgmlTensor* Source0;

    [FieldOffset(160)]
    public GgmlTensor* Source1;

    [FieldOffset(168)]
    public GgmlTensor* Source2;

    [FieldOffset(232)]
    public nint ViewSource;

    [FieldOffset(248)]
    public byte* Data;

    /// <summary>Ended by a zero byte.</summary>
    [FieldOffset(256)]
    public fixed byte Name[64];

    /// <summary>Fastest first.</summary>
    [InlineArray(4)]
    internal struct FourSizes
    {
        private long _first;
    }
}
