using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AgentKit.Training.Kernels;

/// <summary>
/// Matrix products over operands that lie in memory in any order, so that a backward pass transposes nothing: blocks are packed as they are needed (Goto and
/// van de Geijn 2008). Each number is the same sum in the same order however the work is divided. Optimized when first called:
/// <see cref="Engine.ProductChoice"/> measures it in a process's first milliseconds.
/// </summary>
internal static unsafe class MatrixProduct
{
    /// <summary>Terms of a sum at a time: strips of so many fit the first cache.</summary>
    private const int Depth = 256;

    /// <summary>Rows packed at a time: with <see cref="Depth"/> they fit the second cache. A multiple of every tile's rows.</summary>
    private const int Height = 480;

    private const nuint Alignment = 64;

    /// <summary>target[row][lane] = Σ over k of lanes(lane, k) · rows(row, k).</summary>
    /// <param name="lanes">The operand along the result's fastest dimension, [m, k].</param>
    /// <param name="rows">The other, [n, k].</param>
    /// <param name="target">The result [n][m].</param>
    /// <param name="stride">From one row of it to the next.</param>
    /// <param name="sizes">m, n, k.</param>
    /// <param name="scratch">What <see cref="Rent"/> gave.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(StridedMatrix lanes, StridedMatrix rows, float* target, long stride, (int M, int N, int K) sizes, float* scratch)
    {
        float* strip = scratch + (Depth * Height);
        for (int k = 0; k < sizes.K; k += Depth)
        {
            int depth = Math.Min(Depth, sizes.K - k);
            for (int n = 0; n < sizes.N; n += Height)
            {
                int height = Math.Min(Height, sizes.N - n);
                for (int row = 0; row < height; row += Tile.Rows)
                    Panel.Pack(rows.From(n + row, k), Math.Min(Tile.Rows, height - row), depth, Tile.Rows, scratch + ((long)row * depth));
                for (int m = 0; m < sizes.M; m += Tile.Lanes)
                {
                    int width = Math.Min(Tile.Lanes, sizes.M - m);
                    Panel.Pack(lanes.From(m, k), width, depth, Tile.Lanes, strip);
                    Strip(strip, scratch, target + (n * stride) + m, stride, (width, height, depth), k > 0);
                }
            }
        }
    }

    /// <summary>Memory for one thread's blocks.</summary>
    public static float* Rent() => (float*)NativeMemory.AlignedAlloc((nuint)(Depth * (Height + Tile.Lanes)) * sizeof(float), Alignment);

    /// <summary>Gives it back.</summary>
    public static void Return(float* scratch) => NativeMemory.AlignedFree(scratch);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strip(float* lanes, float* rows, float* target, long stride, (int Width, int Height, int Depth) sizes, bool add)
    {
        for (int row = 0; row < sizes.Height; row += Tile.Rows)
        {
            float* packed = rows + ((long)row * sizes.Depth), into = target + (row * stride);
            int height = Math.Min(Tile.Rows, sizes.Height - row);
            if (height == Tile.Rows && sizes.Width == Tile.Lanes) Tile.Multiply(sizes.Depth, lanes, packed, into, stride, add);
            else Edge(lanes, packed, into, stride, (sizes.Width, height, sizes.Depth), add);
        }
    }

    /// <summary>A tile of which only a part is in the matrix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Edge(float* lanes, float* rows, float* target, long stride, (int Width, int Height, int Depth) sizes, bool add)
    {
        float* whole = stackalloc float[Tile.MaxNumbers];
        Tile.Multiply(sizes.Depth, lanes, rows, whole, Tile.Lanes, add: false);
        for (int row = 0; row < sizes.Height; row++)
        {
            for (int lane = 0; lane < sizes.Width; lane++)
            {
                float found = whole[(row * Tile.Lanes) + lane];
                target[(row * stride) + lane] = add ? target[(row * stride) + lane] + found : found;
            }
        }
    }
}
