using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AgentKit.Training.Kernels;

/// <summary>The innermost part of a matrix product: a tile whose sums stay in registers while two packed strips go by.</summary>
internal static unsafe class Tile
{
    /// <summary>Most numbers of a tile.</summary>
    public const int MaxNumbers = 8 * 32;

    private static readonly bool Wide = Avx512F.IsSupported;

    /// <summary>Whether this machine has what tiles are written for.</summary>
    public static bool IsSupported => Avx512F.IsSupported || Fma.IsSupported;

    /// <summary>Numbers side by side.</summary>
    public static int Lanes => Wide ? 32 : 16;

    /// <summary>Rows of such numbers.</summary>
    public static int Rows => Wide ? 8 : 6;

    /// <summary>target[row][lane] is, or grows by, Σ rows[k][row] · lanes[k][lane].</summary>
    public static void Multiply(int depth, float* lanes, float* rows, float* target, long stride, bool add)
    {
        if (Wide) Multiply512(depth, lanes, rows, target, stride, add);
        else Multiply256(depth, lanes, rows, target, stride, add);
    }

    /// <summary>As <see cref="Multiply"/> with 8 rows of 32 lanes; for AVX-512.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Multiply512(int depth, float* lanes, float* rows, float* target, long stride, bool add)
    {
        Vector512<float> l0 = default, r0 = default;
        Vector512<float> l1 = default, r1 = default;
        Vector512<float> l2 = default, r2 = default;
        Vector512<float> l3 = default, r3 = default;
        Vector512<float> l4 = default, r4 = default;
        Vector512<float> l5 = default, r5 = default;
        Vector512<float> l6 = default, r6 = default;
        Vector512<float> l7 = default, r7 = default;
        for (; depth > 0; depth--, lanes += 32, rows += 8)
        {
            Vector512<float> left = Vector512.Load(lanes), right = Vector512.Load(lanes + 16);
            Vector512<float> row0 = Vector512.Create(rows[0]);
            (l0, r0) = (Avx512F.FusedMultiplyAdd(row0, left, l0), Avx512F.FusedMultiplyAdd(row0, right, r0));
            Vector512<float> row1 = Vector512.Create(rows[1]);
            (l1, r1) = (Avx512F.FusedMultiplyAdd(row1, left, l1), Avx512F.FusedMultiplyAdd(row1, right, r1));
            Vector512<float> row2 = Vector512.Create(rows[2]);
            (l2, r2) = (Avx512F.FusedMultiplyAdd(row2, left, l2), Avx512F.FusedMultiplyAdd(row2, right, r2));
            Vector512<float> row3 = Vector512.Create(rows[3]);
            (l3, r3) = (Avx512F.FusedMultiplyAdd(row3, left, l3), Avx512F.FusedMultiplyAdd(row3, right, r3));
            Vector512<float> row4 = Vector512.Create(rows[4]);
            (l4, r4) = (Avx512F.FusedMultiplyAdd(row4, left, l4), Avx512F.FusedMultiplyAdd(row4, right, r4));
            Vector512<float> row5 = Vector512.Create(rows[5]);
            (l5, r5) = (Avx512F.FusedMultiplyAdd(row5, left, l5), Avx512F.FusedMultiplyAdd(row5, right, r5));
            Vector512<float> row6 = Vector512.Create(rows[6]);
            (l6, r6) = (Avx512F.FusedMultiplyAdd(row6, left, l6), Avx512F.FusedMultiplyAdd(row6, right, r6));
            Vector512<float> row7 = Vector512.Create(rows[7]);
            (l7, r7) = (Avx512F.FusedMultiplyAdd(row7, left, l7), Avx512F.FusedMultiplyAdd(row7, right, r7));
        }

        Put(l0, r0, target, add);
        Put(l1, r1, target + (1 * stride), add);
        Put(l2, r2, target + (2 * stride), add);
        Put(l3, r3, target + (3 * stride), add);
        Put(l4, r4, target + (4 * stride), add);
        Put(l5, r5, target + (5 * stride), add);
        Put(l6, r6, target + (6 * stride), add);
        Put(l7, r7, target + (7 * stride), add);
    }

    /// <summary>As <see cref="Multiply"/> with 6 rows of 16 lanes; for FMA.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Multiply256(int depth, float* lanes, float* rows, float* target, long stride, bool add)
    {
        Vector256<float> l0 = default, r0 = default;
        Vector256<float> l1 = default, r1 = default;
        Vector256<float> l2 = default, r2 = default;
        Vector256<float> l3 = default, r3 = default;
        Vector256<float> l4 = default, r4 = default;
        Vector256<float> l5 = default, r5 = default;
        for (; depth > 0; depth--, lanes += 16, rows += 6)
        {
            Vector256<float> left = Vector256.Load(lanes), right = Vector256.Load(lanes + 8);
            Vector256<float> row0 = Vector256.Create(rows[0]);
            (l0, r0) = (Fma.MultiplyAdd(row0, left, l0), Fma.MultiplyAdd(row0, right, r0));
            Vector256<float> row1 = Vector256.Create(rows[1]);
            (l1, r1) = (Fma.MultiplyAdd(row1, left, l1), Fma.MultiplyAdd(row1, right, r1));
            Vector256<float> row2 = Vector256.Create(rows[2]);
            (l2, r2) = (Fma.MultiplyAdd(row2, left, l2), Fma.MultiplyAdd(row2, right, r2));
            Vector256<float> row3 = Vector256.Create(rows[3]);
            (l3, r3) = (Fma.MultiplyAdd(row3, left, l3), Fma.MultiplyAdd(row3, right, r3));
            Vector256<float> row4 = Vector256.Create(rows[4]);
            (l4, r4) = (Fma.MultiplyAdd(row4, left, l4), Fma.MultiplyAdd(row4, right, r4));
            Vector256<float> row5 = Vector256.Create(rows[5]);
            (l5, r5) = (Fma.MultiplyAdd(row5, left, l5), Fma.MultiplyAdd(row5, right, r5));
        }

        Put(l0, r0, target, add);
        Put(l1, r1, target + (1 * stride), add);
        Put(l2, r2, target + (2 * stride), add);
        Put(l3, r3, target + (3 * stride), add);
        Put(l4, r4, target + (4 * stride), add);
        Put(l5, r5, target + (5 * stride), add);
    }

    private static void Put(Vector512<float> left, Vector512<float> right, float* target, bool add)
    {
        (add ? left + Vector512.Load(target) : left).Store(target);
        (add ? right + Vector512.Load(target + 16) : right).Store(target + 16);
    }

    private static void Put(Vector256<float> left, Vector256<float> right, float* target, bool add)
    {
        (add ? left + Vector256.Load(target) : left).Store(target);
        (add ? right + Vector256.Load(target + 8) : right).Store(target + 8);
    }
}
