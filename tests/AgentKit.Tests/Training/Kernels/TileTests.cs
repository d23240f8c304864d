using AgentKit.Training.Kernels;

namespace AgentKit.Tests.Training.Kernels;

/// <summary>Both tiles: a machine with the wide one would never come to the narrow one.</summary>
public sealed unsafe class TileTests
{
    private delegate void Multiply(int depth, float* lanes, float* rows, float* target, long stride, bool add);

    [LaneTheory(16)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(256)]
    public void Multiply256_AnyDepth_IsTheSumOfProducts(int depth) => Check(Tile.Multiply256, 16, 6, depth);

    [LaneTheory(32)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(256)]
    public void Multiply512_AnyDepth_IsTheSumOfProducts(int depth) => Check(Tile.Multiply512, 32, 8, depth);

    private static void Check(Multiply multiply, int lanes, int rows, int depth)
    {
        int stride = lanes + 1;
        var random = new Random(depth);
        float[] left = [.. Enumerable.Range(0, depth * lanes).Select(_ => random.NextSingle() - 0.5f)];
        float[] right = [.. Enumerable.Range(0, depth * rows).Select(_ => random.NextSingle() - 0.5f)];
        float[] found = [.. Enumerable.Repeat(3f, rows * stride)];
        fixed (float* a = left, b = right, c = found)
        {
            multiply(depth, a, b, c, stride, false);
            multiply(depth, a, b, c, stride, true);
        }

        for (int row = 0; row < rows; row++)
        {
            for (int lane = 0; lane < lanes; lane++)
            {
                double sum = Enumerable.Range(0, depth).Sum(k => (double)left[(k * lanes) + lane] * right[(k * rows) + row]);
                Assert.Equal(2 * sum, found[(row * stride) + lane], 1e-4);
            }

            Assert.Equal(3f, found[(row * stride) + lanes]);
        }
    }
}
