using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AgentKit.Models.Gguf;
using AgentKit.Models.Native;
using AgentKit.Training.Native;

namespace AgentKit.Training.Kernels;

/// <summary><see cref="MatrixProduct"/> or <see cref="RoundedProduct"/> as an operation of a ggml graph on the CPU, run by ggml's own threads.</summary>
internal static unsafe class ProductOperation
{
    private const int AllThreads = -1;

    /// <summary>What <c>ggml_mul_mat</c> computes, a [k, m] and b [k, n] to [m, n] for every matrix of b, of operands in single precision with any strides.</summary>
    /// <param name="context">The graph's.</param>
    /// <param name="a">The operand along the result's fastest dimension.</param>
    /// <param name="b">The other.</param>
    /// <param name="rounded">Whether both are rounded to bfloat16.</param>
    public static nint Emit(TensorContextHandle context, nint a, nint b, bool rounded)
    {
        GgmlTensor* first = (GgmlTensor*)a, second = (GgmlTensor*)b;
        if (first->Type != (int)GgmlType.F32 || second->Type != (int)GgmlType.F32 || first->Sizes[0] != second->Sizes[0])
            throw new InvalidOperationException("A product needs operands in single precision with sums of one length.");
        nint* operands = stackalloc nint[] { a, b };
        delegate* unmanaged[Cdecl]<GgmlTensor*, int, int, nint, void> compute = &Compute;
        return Ggml.Custom(
            context, (int)GgmlType.F32, first->Sizes[1], second->Sizes[1], second->Sizes[2], second->Sizes[3], operands, 2, (nint)compute, AllThreads, rounded ? 1 : 0);
    }

    /// <summary>One thread's share: some rows of all matrices, or where there are few rows some lanes.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Compute(GgmlTensor* target, int thread, int threads, nint userData)
    {
        GgmlTensor* a = target->Source0, b = target->Source1;
        int m = (int)target->Sizes[0], n = (int)target->Sizes[1], k = (int)a->Sizes[0];
        long matrices = target->Sizes[2] * target->Sizes[3];
        bool byLanes = matrices * n < m;
        (long begin, long end) = Share(byLanes ? m : matrices * n, byLanes ? Tile.Lanes : Tile.Rows, thread, threads);
        bool rounded = userData != 0;
        float* scratch = rounded ? null : MatrixProduct.Rent();
        for (long matrix = 0; matrix < matrices; matrix++)
        {
            (long i2, long i3) = (matrix % target->Sizes[2], matrix / target->Sizes[2]);
            (long lane, long lanes) = byLanes ? (begin, end - begin) : (0, m);
            long row = byLanes ? 0 : Math.Max(0, begin - (matrix * n)), rows = (byLanes ? n : Math.Min(n, end - (matrix * n))) - row;
            if (rows <= 0 || lanes <= 0) continue;
            StridedMatrix left = View(a, i2 * a->Sizes[2] / target->Sizes[2], i3 * a->Sizes[3] / target->Sizes[3]), right = View(b, i2, i3);
            float* into = (float*)(target->Data + (row * target->Strides[1]) + (i2 * target->Strides[2]) + (i3 * target->Strides[3])) + lane;
            long stride = target->Strides[1] / sizeof(float);
            if (rounded) RoundedProduct.Compute(left.From(lane, 0), right.From(row, 0), into, stride, ((int)lanes, (int)rows, k));
            else MatrixProduct.Compute(left.From(lane, 0), right.From(row, 0), into, stride, ((int)lanes, (int)rows, k), scratch);
        }

        if (!rounded) MatrixProduct.Return(scratch);
    }

    private static StridedMatrix View(GgmlTensor* tensor, long i2, long i3) => new(
        (float*)(tensor->Data + (i2 * tensor->Strides[2]) + (i3 * tensor->Strides[3])), tensor->Strides[1] / sizeof(float), tensor->Strides[0] / sizeof(float));

    private static (long Begin, long End) Share(long count, int step, int thread, int threads)
    {
        long steps = (count + step - 1) / step;
        return (Math.Min(count, steps * thread / threads * step), Math.Min(count, steps * (thread + 1) / threads * step));
    }
}
