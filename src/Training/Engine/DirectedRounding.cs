using System.Numerics.Tensors;
using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>
/// Stores a row in a coarse type so that less of an adapter's work is rounded away. A change smaller than half a step would vanish: to the nearest step, every weight goes
/// back to where it was. So what rounding took in the few directions that the adapter reads (the rows of its A) is added to what is to be stored, turn after turn, until some
/// weights take the next step. Rounding in all other directions grows by that; of all turns the best row is kept. Figures: docs/experiments.md.
/// </summary>
internal static class DirectedRounding
{
    private const int Turns = 8;

    /// <summary>Share of what is missing that is added in a turn.</summary>
    private const float Rate = 0.5f;

    /// <summary>What an error within the directions counts, beside an error of the same size that points anywhere.</summary>
    private const double Weight = 0.25;

    /// <summary>Stores one row.</summary>
    /// <param name="type">How to store it.</param>
    /// <param name="wanted">The row, [columns].</param>
    /// <param name="directions">Orthogonal directions of length 1, [directions][columns].</param>
    /// <param name="stored">Receives the row's blocks.</param>
    public static void Store(GgmlType type, ReadOnlySpan<float> wanted, ReadOnlySpan<float> directions, Span<byte> stored)
    {
        int columns = wanted.Length;
        float[] aim = wanted.ToArray(), error = new float[columns];
        var code = new byte[stored.Length];
        double least = double.PositiveInfinity, weight = Weight * columns * columns / directions.Length;
        for (int turn = 0; turn <= Turns; turn++)
        {
            BlockCodec.Encode(type, columns, aim, code);
            BlockCodec.Decode(type, code, error);
            TensorPrimitives.Subtract(error, wanted, error);
            double cost = TensorPrimitives.SumOfSquares<float>(error);
            for (int at = 0; at < directions.Length; at += columns)
            {
                ReadOnlySpan<float> direction = directions.Slice(at, columns);
                float missing = TensorPrimitives.Dot(error, direction);
                cost += weight * missing * missing;
                TensorPrimitives.MultiplyAdd(direction, -Rate * missing, aim, aim);
            }

            if (cost >= least) continue;
            least = cost;
            code.CopyTo(stored);
        }
    }
}
