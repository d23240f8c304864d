using System.Numerics.Tensors;
using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>What an adapter adds to a matrix: scale · Σ outer[row, r] · inner[r, column]; of a tensor of experts for each expert on its own.</summary>
internal sealed class LoraUpdate
{
    private readonly float[] _inner, _outer, _directions;
    private readonly int _rank, _columns;
    private readonly long _rowsOfExpert;
    private readonly float _scale;

    private LoraUpdate(float[] inner, float[] outer, int rank, int columns, long rowsOfExpert, double scale)
    {
        (_inner, _outer, _rank, _columns, _rowsOfExpert, _scale) = (inner, outer, rank, columns, rowsOfExpert, (float)scale);
        _directions = [.. inner];
        for (int at = 0; at < inner.Length; at += rank * columns) Orthogonalize(_directions.AsSpan(at, rank * columns));
    }

    /// <summary>Reads both sides of an adapted tensor.</summary>
    /// <param name="adapter">A checked adapter.</param>
    /// <param name="weight">The name of the tensor it changes.</param>
    public static LoraUpdate Read(AdapterInfo adapter, string weight)
    {
        GgufTensorInfo a = adapter.File.FindTensor(weight + AdapterInfo.EndingA)!, b = adapter.File.FindTensor(weight + AdapterInfo.EndingB)!;
        float[] first = adapter.File.ReadFloats(a), second = adapter.File.ReadFloats(b);
        int rank = (int)b.Shape[0];
        double scale = adapter.ScaleOf(rank);
        // A token's row of A is looked up and multiplied by B: the sides of the embedding have changed places.
        return weight == "token_embd.weight"
            ? new(Transposed(second, rank), first, rank, (int)b.Shape[1], a.Shape[1], scale)
            : new(first, second, rank, (int)a.Shape[0], b.Shape[1], scale);
    }

    /// <summary>Adds the update of a row, counted over all experts.</summary>
    /// <returns>The squared length of what was added.</returns>
    public double AddTo(long row, Span<float> weights, Span<float> scratch)
    {
        scratch.Clear();
        int expert = (int)(row / _rowsOfExpert) * _rank;
        for (int r = 0; r < _rank; r++)
            TensorPrimitives.MultiplyAdd(_inner.AsSpan((expert + r) * _columns, _columns), _scale * _outer[(row * _rank) + r], scratch, scratch);
        TensorPrimitives.Add(weights, scratch, weights);
        return TensorPrimitives.SumOfSquares<float>(scratch);
    }

    /// <summary>The directions that the update of a row reads: orthogonal and of length 1, or 0 where they are fewer, [rank][columns].</summary>
    public ReadOnlySpan<float> DirectionsOf(long row) => _directions.AsSpan((int)(row / _rowsOfExpert) * _rank * _columns, _rank * _columns);

    /// <summary>Gram and Schmidt's process, twice for its rounding.</summary>
    private void Orthogonalize(Span<float> rows)
    {
        for (int r = 0; r < _rank; r++)
        {
            Span<float> row = rows.Slice(r * _columns, _columns);
            float before = TensorPrimitives.Norm<float>(row);
            for (int i = 0; i < 2 * r; i++)
            {
                ReadOnlySpan<float> other = rows.Slice(i % r * _columns, _columns);
                TensorPrimitives.MultiplyAdd(other, -TensorPrimitives.Dot<float>(row, other), row, row);
            }

            float norm = TensorPrimitives.Norm<float>(row);
            if (norm > 1e-5f * before) TensorPrimitives.Divide(row, norm, row);
            else row.Clear();
        }
    }

    private static float[] Transposed(float[] rows, int width)
    {
        var turned = new float[rows.Length];
        int height = rows.Length / width;
        for (int i = 0; i < rows.Length; i++) turned[(i % width * height) + (i / width)] = rows[i];
        return turned;
    }
}
