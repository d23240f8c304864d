using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AgentKit.Memory.Knowledge.Vectors;

/// <summary>Dot products of 8-bit vectors with a query that was widened to 16 bits once.</summary>
internal static class Int8Kernel
{
    /// <summary>Rows are padded with zeros to a multiple of this.</summary>
    public const int Width = 32;

    /// <param name="row">[padded dimensions]</param>
    /// <param name="query">[padded dimensions]</param>
    public static int Dot(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> query)
    {
        if (Avx512BW.IsSupported) return Dot512(row, query);
        if (Avx2.IsSupported) return Dot256(row, query);
        int sum = 0;
        for (int i = 0; i < row.Length; i++) sum += row[i] * query[i];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Dot512(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> query)
    {
        ref sbyte r = ref MemoryMarshal.GetReference(row);
        ref short q = ref MemoryMarshal.GetReference(query);
        Vector512<int> sum = Vector512<int>.Zero;
        for (nuint i = 0; i < (nuint)row.Length; i += Width)
        {
            Vector512<short> wide = Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref r, i));
            sum += Avx512BW.MultiplyAddAdjacent(wide, Vector512.LoadUnsafe(ref q, i));
        }

        return Vector512.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Dot256(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> query)
    {
        ref sbyte r = ref MemoryMarshal.GetReference(row);
        ref short q = ref MemoryMarshal.GetReference(query);
        Vector256<int> sum = Vector256<int>.Zero;
        for (nuint i = 0; i < (nuint)row.Length; i += Width / 2)
        {
            Vector256<short> wide = Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref r, i));
            sum += Avx2.MultiplyAddAdjacent(wide, Vector256.LoadUnsafe(ref q, i));
        }

        return Vector256.Sum(sum);
    }
}
