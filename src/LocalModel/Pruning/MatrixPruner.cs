using System.Runtime.ExceptionServices;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;
using AgentKit.Models.Quantization;

namespace AgentKit.Models.Pruning;

/// <summary>Prunes one matrix at a time: reads it, judges its weights, stores it again and checks what was stored. The same activations give the same bytes.</summary>
internal sealed class MatrixPruner(PruneOptions options)
{
    private const int RowsAtOnce = 64;

    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = options.Calibration.Threads ?? CpuQuota.UsableCpus };

    /// <summary>Passes on the stored bytes of a pruned tensor, matrix after matrix (experts are several).</summary>
    /// <param name="file">The file it is in.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="activations">Sums of its inputs; null for magnitude.</param>
    /// <param name="write">Called with the bytes and where in the tensor they belong.</param>
    /// <param name="cancellationToken">Cancels between matrices.</param>
    /// <exception cref="UserInputException">A weight is not finite.</exception>
    public void Prune(GgufFile file, GgufTensorInfo tensor, ImportanceEntry? activations, Action<byte[], long> write, CancellationToken cancellationToken)
    {
        (int columns, int rows) = ((int)tensor.Shape[0], (int)tensor.Shape[1]);
        long matrices = tensor.Elements / columns / rows;
        var stored = new byte[tensor.Bytes / matrices];
        var weights = new float[(long)columns * rows];
        for (int i = 0; i < matrices; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.ReadTensor(tensor, stored, i * (long)stored.Length);
            var matrix = new Matrix(tensor, columns, rows, weights, stored, Norms(activations, i, columns));
            ForRows(matrix, Decode);
            if (options.Method == PruneMethod.Magnitude && options.Pattern.Group == 0) DropWithinMatrix(matrix);
            else ForRows(matrix, DropWithinRows);
            ForRows(matrix, Store);
            write(stored, i * (long)stored.Length);
        }
    }

    /// <summary>‖X_j‖₂ of a matrix's inputs; alike for an expert that has seen nothing.</summary>
    private static float[] Norms(ImportanceEntry? activations, int matrix, int columns)
    {
        if (activations is null) return [];
        var norms = new float[columns];
        bool seen = activations.Counts[activations.Counts.Count == 1 ? 0 : matrix] > 0;
        for (int j = 0; j < columns; j++) norms[j] = seen ? MathF.Sqrt(activations.SquaredSums[(matrix * columns) + j]) : 1;
        return norms;
    }

    private void ForRows(Matrix matrix, Action<Matrix, int, int> work)
    {
        try
        {
            Parallel.For(
                0,
                (matrix.Rows + RowsAtOnce - 1) / RowsAtOnce,
                _parallel,
                part => work(matrix, part * RowsAtOnce, Math.Min(RowsAtOnce, matrix.Rows - (part * RowsAtOnce))));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private static void Decode(Matrix matrix, int row, int count)
    {
        Span<float> weights = matrix.Floats(row, count);
        BlockCodec.Decode(matrix.Tensor.Type, matrix.Bytes(row, count), weights);
        foreach (float weight in weights)
        {
            if (!float.IsFinite(weight)) throw new UserInputException("IN", $"IN: {matrix.Tensor.Name} has a weight that is {weight} in rows {row} to {row + count - 1}.");
        }
    }

    /// <summary>The paper's baseline compares magnitudes within a layer's matrix.</summary>
    private void DropWithinMatrix(Matrix matrix)
    {
        var scores = new float[matrix.Weights.Length];
        PruneMask.Score(matrix.Weights, [], scores);
        PruneMask.DropLowest(matrix.Weights, scores, options.Pattern.Sparsity, new float[scores.Length]);
    }

    private void DropWithinRows(Matrix matrix, int first, int count)
    {
        float[] scores = new float[matrix.Columns], scratch = new float[matrix.Columns];
        for (int row = first; row < first + count; row++)
        {
            Span<float> weights = matrix.Floats(row, 1);
            PruneMask.Score(weights, matrix.Norms, scores);
            if (options.Pattern.Group > 0) PruneMask.KeepHighest(weights, scores, options.Pattern);
            else PruneMask.DropLowest(weights, scores, options.Pattern.Sparsity, scratch);
        }
    }

    private static void Store(Matrix matrix, int row, int count)
    {
        ReadOnlySpan<float> weights = matrix.Floats(row, count);
        Span<byte> bytes = matrix.Bytes(row, count);
        BlockCodec.Encode(matrix.Tensor.Type, matrix.Columns, weights, bytes);
        var stored = new float[weights.Length];
        BlockCodec.Decode(matrix.Tensor.Type, bytes, stored);
        for (int i = 0; i < stored.Length; i++)
        {
            if (weights[i] == 0 && stored[i] != 0)
                throw new InvalidOperationException($"{matrix.Tensor.Name}: a pruned weight became {stored[i]} when stored as {matrix.Tensor.Type}.");
        }
    }

    /// <summary>One matrix at work, rows one after another.</summary>
    private sealed record Matrix(GgufTensorInfo Tensor, int Columns, int Rows, float[] Weights, byte[] Stored, float[] Norms)
    {
        public Span<float> Floats(int row, int count) => Weights.AsSpan(row * Columns, count * Columns);

        public Span<byte> Bytes(int row, int count)
        {
            int bytes = (int)GgmlTypes.Bytes(Tensor.Type, Columns);
            return Stored.AsSpan(row * bytes, count * bytes);
        }
    }
}
