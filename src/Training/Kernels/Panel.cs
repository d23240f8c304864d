using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AgentKit.Training.Kernels;

/// <summary>Copies a strip of a matrix so that what a tile multiplies together lies side by side: the packing of Goto and van de Geijn 2008.</summary>
internal static unsafe class Panel
{
    private const int Block = 4;

    /// <summary>Writes <paramref name="target"/>[inner][width]; zeros where the matrix has no more rows.</summary>
    /// <param name="source">The strip.</param>
    /// <param name="count">Its rows, at most <paramref name="width"/>.</param>
    /// <param name="depth">Its columns.</param>
    /// <param name="width">Rows of a tile.</param>
    /// <param name="target">Room for depth × width numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(StridedMatrix source, int count, int depth, int width, float* target)
    {
        if (count < width) new Span<float>(target, depth * width).Clear();
        if (source.OuterStride == 1 && count == width && width % Vector256<float>.Count == 0)
        {
            CopyWhole(source, depth, width, target);
            return;
        }

        if (source.OuterStride == 1)
        {
            for (int k = 0; k < depth; k++) new ReadOnlySpan<float>(source.Data + (k * source.InnerStride), count).CopyTo(new(target + ((long)k * width), count));
            return;
        }

        int blocks = source.InnerStride == 1 ? count / Block * Block : 0, columns = depth / Block * Block;
        for (int i = 0; i < blocks; i += Block)
        {
            for (int k = 0; k < columns; k += Block) Turn(source.From(i, k), target + ((long)k * width) + i, width);
        }

        if (blocks > 0) Copy(source.From(0, columns), blocks, depth - columns, width, target + ((long)columns * width));
        Copy(source.From(blocks, 0), count - blocks, depth, width, target + blocks);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyWhole(StridedMatrix source, int depth, int width, float* target)
    {
        float* from = source.Data;
        for (int k = 0; k < depth; k++, from += source.InnerStride, target += width)
        {
            for (int i = 0; i < width; i += Vector256<float>.Count) Vector256.Load(from + i).Store(target + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(StridedMatrix source, int count, int depth, int width, float* target)
    {
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < depth; k++) target[((long)k * width) + i] = source.Data[(i * source.OuterStride) + (k * source.InnerStride)];
        }
    }

    /// <summary>Transposes four by four numbers.</summary>
    private static void Turn(StridedMatrix source, float* target, int width)
    {
        Vector128<float> a = Vector128.Load(source.Data), b = Vector128.Load(source.Data + source.OuterStride);
        Vector128<float> c = Vector128.Load(source.Data + (2 * source.OuterStride)), d = Vector128.Load(source.Data + (3 * source.OuterStride));
        Vector128<float> acLow = Unpack(a, c, 0), acHigh = Unpack(a, c, 1), bdLow = Unpack(b, d, 0), bdHigh = Unpack(b, d, 1);
        Unpack(acLow, bdLow, 0).Store(target);
        Unpack(acLow, bdLow, 1).Store(target + width);
        Unpack(acHigh, bdHigh, 0).Store(target + (2L * width));
        Unpack(acHigh, bdHigh, 1).Store(target + (3L * width));
    }

    private static Vector128<float> Unpack(Vector128<float> x, Vector128<float> y, int half) => half == 0
        ? System.Runtime.Intrinsics.X86.Sse.UnpackLow(x, y)
        : System.Runtime.Intrinsics.X86.Sse.UnpackHigh(x, y);
}
