using AgentKit.Training.Kernels;

namespace AgentKit.Tests.Training.Kernels;

/// <summary>Rounding to the upper half of single precision.</summary>
public sealed unsafe class BFloat16Tests
{
    private const int Rows = 3, Columns = 37;

    [Theory]
    [InlineData(0x3F800000u, 0x3F80)]
    [InlineData(0x3F808000u, 0x3F80)]
    [InlineData(0x3F808001u, 0x3F81)]
    [InlineData(0x3F818000u, 0x3F82)]
    [InlineData(0xBF818000u, 0xBF82)]
    [InlineData(0x00000001u, 0x0000)]
    [InlineData(0x7F7FFFFFu, 0x7F80)]
    [InlineData(0xFF800000u, 0xFF80)]
    [InlineData(0x7F800001u, 0x7FC0)]
    [InlineData(0x7FFFFFFFu, 0x7FFF)]
    [InlineData(0xFFFFFFFFu, 0xFFFF)]
    public void Round_OneNumber_IsTheNearestAndEvenBetweenTwo(uint bits, int expected)
    {
        Assert.Equal((ushort)expected, BFloat16.Round(BitConverter.UInt32BitsToSingle(bits)));
        float[] row = [.. Enumerable.Repeat(BitConverter.UInt32BitsToSingle(bits), Columns)];
        ushort[] found = new ushort[Columns];
        fixed (float* source = row)
        fixed (ushort* target = found) BFloat16.Round(new(source, Columns, 1), 1, Columns, target);
        Assert.All(found, value => Assert.Equal((ushort)expected, value));
    }

    [Theory]
    [InlineData(Columns, 1)]
    [InlineData(1, Rows)]
    [InlineData(2 * Columns, 2)]
    public void Round_AMatrixInAnyOrder_KeepsItsOrderAndLeavesOutGaps(int outerStride, int innerStride)
    {
        float[] numbers = [.. Enumerable.Range(0, 2 * Rows * Columns).Select(i => MathF.Sin(i))];
        ushort[] found = new ushort[Rows * Columns];
        fixed (float* source = numbers)
        fixed (ushort* target = found) BFloat16.Round(new(source, outerStride, innerStride), Rows, Columns, target);
        for (int i = 0; i < Rows; i++)
        {
            for (int k = 0; k < Columns; k++)
                Assert.Equal(BFloat16.Round(numbers[(i * outerStride) + (k * innerStride)]), found[outerStride == 1 ? (k * Rows) + i : (i * Columns) + k]);
        }
    }
}
