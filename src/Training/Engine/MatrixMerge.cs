using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>
/// One matrix with an adapter added: restored, changed and stored some rows at a time, so that it never has to fit into memory. The same inputs give the same bytes.
/// </summary>
/// <param name="file">The file the matrix is in.</param>
/// <param name="weight">The matrix.</param>
/// <param name="type">How to store it.</param>
/// <param name="adapter">What to add; read when the matrix is written.</param>
/// <param name="parallel">Threads, and what cancels.</param>
internal sealed class MatrixMerge(GgufFile file, GgufTensorInfo weight, GgmlType type, AdapterInfo adapter, ParallelOptions parallel)
{
    private const int RowsOfTask = 16, BatchBytes = 1 << 24;

    /// <summary>‖rounded‖² / ‖Δ‖² above which a type is too coarse to store the change as it is.</summary>
    private const double CoarseShare = 0.25;

    private readonly int _columns = (int)weight.Shape[0];

    /// <summary>‖stored − (W + Δ)‖² after writing.</summary>
    public double SquaredError { get; private set; }

    /// <summary>‖Δ‖² after writing.</summary>
    public double SquaredChange { get; private set; }

    /// <exception cref="UserInputException">A number is not finite.</exception>
    public void Write(Stream stream)
    {
        (int from, int to) = ((int)GgmlTypes.Bytes(weight.Type, _columns), (int)GgmlTypes.Bytes(type, _columns));
        var update = LoraUpdate.Read(adapter, weight.Name);
        long rows = weight.Elements / _columns;
        int most = (int)Math.Clamp(BatchBytes / (_columns * sizeof(float)), 1, rows);
        (byte[] read, byte[] written) = (new byte[most * from], new byte[most * to]);
        for (long first = 0; first < rows; first += most)
        {
            int count = (int)Math.Min(most, rows - first);
            file.ReadTensor(weight, read.AsSpan(0, count * from), first * from);
            long start = first;
            var squares = new (double Error, double Change)[(count + RowsOfTask - 1) / RowsOfTask];
            ForTasks(squares.Length, task =>
            {
                (int row, int end) = (task * RowsOfTask, Math.Min(count, (task + 1) * RowsOfTask));
                squares[task] = Merge(update, start + row, read.AsSpan(row * from, (end - row) * from), written.AsSpan(row * to, (end - row) * to));
            });
            SquaredError += squares.Sum(pair => pair.Error);
            SquaredChange += squares.Sum(pair => pair.Change);
            stream.Write(written.AsSpan(0, count * to));
        }
    }

    private (double Error, double Change) Merge(LoraUpdate update, long row, ReadOnlySpan<byte> source, Span<byte> target)
    {
        int rows = (int)(source.Length / GgmlTypes.Bytes(weight.Type, _columns));
        float[] values = new float[rows * _columns], stored = new float[values.Length], scratch = new float[_columns];
        BlockCodec.Decode(weight.Type, source, values);
        double change = 0;
        for (int i = 0; i < rows; i++) change += update.AddTo(row + i, values.AsSpan(i * _columns, _columns), scratch);
        // ggml would store anything for these.
        if (!double.IsFinite(change) || !TensorPrimitives.IsFiniteAll<float>(values)) throw Fault(row, "is not finite with the adapter added");
        BlockCodec.Encode(type, _columns, values, target);
        BlockCodec.Decode(type, target, stored);
        double error = TensorPrimitives.Distance<float>(stored, values);
        if (GgmlTypes.IsQuantized(type) && error * error > CoarseShare * change)
        {
            int bytes = target.Length / rows;
            for (int i = 0; i < rows; i++)
                DirectedRounding.Store(type, values.AsSpan(i * _columns, _columns), update.DirectionsOf(row + i), target.Slice(i * bytes, bytes));
            BlockCodec.Decode(type, target, stored);
            error = TensorPrimitives.Distance<float>(stored, values);
        }

        return double.IsFinite(error) ? (error * error, change) : throw Fault(row, $"is beyond what {type} can hold");
    }

    private UserInputException Fault(long row, string what) => new("ADAPTER", $"ADAPTER: {weight.Name} has a weight, in row {row} or soon after, that {what}.");

    private void ForTasks(int count, Action<int> work)
    {
        try
        {
            Parallel.For(0, count, parallel, work);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
