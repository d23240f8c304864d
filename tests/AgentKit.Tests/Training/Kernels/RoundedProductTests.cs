using AgentKit.Training.Kernels;

namespace AgentKit.Tests.Training.Kernels;

/// <summary>Products by oneDNN of every operand order against the plain sum of rounded numbers in double precision.</summary>
public sealed unsafe class RoundedProductTests
{
    [DnnlTheory]
    [InlineData(1, 1, 1)]
    [InlineData(33, 9, 5)]
    [InlineData(64, 481, 30)]
    [InlineData(16, 16, 600)]
    [InlineData(3, 500, 256)]
    public void Compute_OperandsInAnyOrder_IsTheSumOfRoundedProducts(int m, int n, int k)
    {
        float[] a = Numbers(m * k, 1), b = Numbers(n * k, 2);
        foreach ((bool lanesTurned, bool rowsTurned) in ((bool, bool)[])[(false, false), (false, true), (true, false), (true, true)])
        {
            float[] found = Product(a, lanesTurned, b, rowsTurned, (m, n, k));
            for (int row = 0; row < n; row++)
            {
                for (int lane = 0; lane < m; lane++)
                {
                    double expected = 0;
                    for (int i = 0; i < k; i++)
                        expected += Rounded(a[lanesTurned ? (i * m) + lane : (lane * k) + i]) * Rounded(b[rowsTurned ? (i * n) + row : (row * k) + i]);
                    Assert.Equal(expected, found[(row * (m + 1)) + lane], 1e-4);
                }

                Assert.Equal(-1, found[(row * (m + 1)) + m]);
            }
        }
    }

    private static double Rounded(float value) => BitConverter.UInt32BitsToSingle((uint)BFloat16.Round(value) << 16);

    /// <summary>Rows one number apart, so that what is written beyond a row shows.</summary>
    private static float[] Product(float[] a, bool lanesTurned, float[] b, bool rowsTurned, (int M, int N, int K) sizes)
    {
        float[] target = [.. Enumerable.Repeat(-1f, sizes.N * (sizes.M + 1))];
        fixed (float* first = a, second = b, into = target)
        {
            StridedMatrix lanes = lanesTurned ? new(first, 1, sizes.M) : new(first, sizes.K, 1), rows = rowsTurned ? new(second, 1, sizes.N) : new(second, sizes.K, 1);
            RoundedProduct.Compute(lanes, rows, into, sizes.M + 1, sizes);
        }

        RoundedProduct.ThrowIfFailed();
        return target;
    }

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}
