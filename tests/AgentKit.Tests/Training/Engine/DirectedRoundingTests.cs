using AgentKit.Models.Gguf;
using AgentKit.Testing;
using AgentKit.Training.Engine;

namespace AgentKit.Tests.Training.Engine;

public sealed class DirectedRoundingTests
{
    private const int Columns = 512;

    /// <summary>Rows that are stored already, with changes of a tenth of a step that point along four directions.</summary>
    [NativeTheory]
    [InlineData(GgmlType.Q4_0)]
    [InlineData(GgmlType.Q4_K)]
    [InlineData(GgmlType.IQ4_NL)]
    [InlineData(GgmlType.Q2_K)]
    public void Store_ChangesBelowAStep_AreKeptWhereTheyPoint(GgmlType type)
    {
        var random = new Random(7);
        double plain = 0, directed = 0, changes = 0;
        float[] directions = Directions();
        var bytes = new byte[GgmlTypes.Bytes(type, Columns)];
        for (int row = 0; row < 16; row++)
        {
            float[] wanted = Stored(type, [.. Enumerable.Range(0, Columns).Select(_ => (float)((2 * random.NextDouble()) - 1))], bytes);
            for (int i = 0; i < Columns; i++) wanted[i] += 0.2f * directions[(row % 4 * Columns) + i];
            changes += 0.2 * 0.2;
            plain += Missing(Stored(type, wanted, bytes), wanted, directions);
            DirectedRounding.Store(type, wanted, directions, bytes);
            var found = new float[Columns];
            BlockCodec.Decode(type, bytes, found);
            directed += Missing(found, wanted, directions);
        }

        Assert.True(plain > 0.05 * changes, $"{plain} of {changes}");
        Assert.InRange(directed, 0, 0.5 * plain);
    }

    private static float[] Directions()
    {
        // Waves of different whole periods are orthogonal.
        float length = MathF.Sqrt(Columns / 2f);
        return [.. Enumerable.Range(0, 4 * Columns).Select(i => MathF.Sin(2 * MathF.PI * ((i / Columns) + 3) * (i % Columns) / Columns) / length)];
    }

    private static float[] Stored(GgmlType type, float[] row, byte[] bytes)
    {
        var found = new float[row.Length];
        BlockCodec.Encode(type, row.Length, row, bytes);
        BlockCodec.Decode(type, bytes, found);
        return found;
    }

    private static double Missing(float[] found, float[] wanted, float[] directions) =>
        directions.Chunk(Columns).Sum(direction => Math.Pow(direction.Select((part, i) => part * (double)(found[i] - wanted[i])).Sum(), 2));
}
