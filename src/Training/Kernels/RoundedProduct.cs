using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using AgentKit.Models;

namespace AgentKit.Training.Kernels;

/// <summary>
/// Matrix products whose operands are rounded to bfloat16 and whose sums are taken in single precision, by oneDNN: several times as fast as single precision where the
/// processor has matrix instructions for it (AMX). Gradients need no scaling before they are rounded: bfloat16 has the exponents of single precision.
/// </summary>
internal static unsafe class RoundedProduct
{
    /// <summary>Batches of ever new lengths bring ever new products; those beyond are planned each time.</summary>
    private const int MostKept = 4096;

    private const nuint Alignment = 64;

    private static readonly ConcurrentDictionary<ProductShape, DnnlProduct> Kept = new();

    private static volatile NativeRuntimeException? _fault;

    /// <summary>As <see cref="MatrixProduct.Compute"/>. A failure is kept for <see cref="ThrowIfFailed"/>: nothing may be thrown through ggml.</summary>
    public static void Compute(StridedMatrix lanes, StridedMatrix rows, float* target, long stride, (int M, int N, int K) sizes)
    {
        var shape = new ProductShape(sizes.M, sizes.N, sizes.K, lanes.OuterStride != 1, rows.OuterStride != 1, stride);
        DnnlProduct? once = null;
        byte* memory = null;
        try
        {
            DnnlProduct product = Find(shape, ref once);
            long laneBytes = Rounded(sizes.M, sizes.K), rowBytes = Rounded(sizes.N, sizes.K);
            memory = (byte*)NativeMemory.AlignedAlloc((nuint)(laneBytes + rowBytes + product.ScratchBytes), Alignment);
            BFloat16.Round(lanes, sizes.M, sizes.K, (ushort*)memory);
            BFloat16.Round(rows, sizes.N, sizes.K, (ushort*)(memory + laneBytes));
            int status = product.Compute((ushort*)memory, (ushort*)(memory + laneBytes), target, memory + laneBytes + rowBytes);
            if (status != 0) throw new NativeRuntimeException($"oneDNN could not compute a product in bfloat16 (status {status}).");
        }
        catch (Exception e)
        {
            _fault = e as NativeRuntimeException ?? new(e.Message, e);
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
            once?.Dispose();
        }
    }

    /// <summary>Says what went wrong in a product since it was last asked for.</summary>
    /// <exception cref="NativeRuntimeException">oneDNN could not compute one.</exception>
    public static void ThrowIfFailed()
    {
        if (_fault is not { } fault) return;
        _fault = null;
        throw fault;
    }

    private static DnnlProduct Find(ProductShape shape, ref DnnlProduct? once)
    {
        if (Kept.TryGetValue(shape, out DnnlProduct? known)) return known;
        var product = new DnnlProduct(shape);
        if (Kept.Count < MostKept && Kept.TryAdd(shape, product)) return product;
        return once = product;
    }

    private static long Rounded(long rows, long columns) => ((rows * columns * sizeof(ushort)) + (long)Alignment - 1) / (long)Alignment * (long)Alignment;
}
