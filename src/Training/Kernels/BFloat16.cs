using System.Runtime.Intrinsics;

namespace AgentKit.Training.Kernels;

/// <summary>The upper half of single precision, rounded to the nearest, ties to even (Kalamkar et al. 2019).</summary>
internal static unsafe class BFloat16
{
    /// <summary>Rounds a matrix into memory without gaps, in the order that it lies in.</summary>
    /// <param name="source">[outer, inner].</param>
    /// <param name="outer">How many.</param>
    /// <param name="inner">How many.</param>
    /// <param name="target">[inner][outer] where neighbours in memory are neighbours along the outer dimension, else [outer][inner].</param>
    public static void Round(StridedMatrix source, int outer, int inner, ushort* target)
    {
        if (source.OuterStride == 1)
        {
            for (int k = 0; k < inner; k++, target += outer) Round(source.Data + (k * source.InnerStride), 1, outer, target);
            return;
        }

        for (int i = 0; i < outer; i++, target += inner) Round(source.Data + (i * source.OuterStride), source.InnerStride, inner, target);
    }

    /// <summary>One number.</summary>
    public static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((float.IsNaN(value) ? bits | 0x400000 : bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static void Round(float* source, long step, int count, ushort* target)
    {
        int i = 0;
        if (step == 1)
        {
            int width = Vector256<float>.Count;
            for (; i <= count - (2 * width); i += 2 * width)
                Vector256.Narrow(Halves(Vector256.Load(source + i)), Halves(Vector256.Load(source + i + width))).Store(target + i);
        }

        for (; i < count; i++) target[i] = Round(source[i * step]);
    }

    private static Vector256<uint> Halves(Vector256<float> values)
    {
        Vector256<uint> bits = values.AsUInt32(), odd = (bits >> 16) & Vector256<uint>.One;
        Vector256<uint> rounded = bits + Vector256.Create(0x7FFFu) + odd, quiet = bits | Vector256.Create(0x400000u);
        return Vector256.ConditionalSelect(Vector256.Equals(values, values).AsUInt32(), rounded, quiet) >> 16;
    }
}
