using System.Numerics;

namespace AgentKit.Models.Quantization;

/// <summary>Adds up squared activations, one column of a matrix at a time.</summary>
internal sealed class ActivationSums
{
    private readonly SortedDictionary<string, Sums> _entries = new(StringComparer.Ordinal);

    /// <summary>Begins with what an earlier run has.</summary>
    public void Load(ImportanceMatrix matrix)
    {
        foreach (ImportanceEntry entry in matrix.Entries.Values)
            _entries[entry.Tensor] = new([.. entry.SquaredSums.Select(sum => (double)sum)], [.. entry.Counts]);
    }

    public void Clear() => _entries.Clear();

    public IReadOnlyDictionary<string, ImportanceEntry> Entries() => new SortedDictionary<string, ImportanceEntry>(
        _entries.ToDictionary(
            pair => pair.Key,
            pair => new ImportanceEntry(pair.Key, [.. pair.Value.Squares.Select(sum => (float)sum)], [.. pair.Value.Counts])),
        StringComparer.Ordinal);

    /// <summary>The sums of one tensor, made when first asked for.</summary>
    /// <param name="tensor">The matrix.</param>
    /// <param name="values">Columns of all its parts together.</param>
    /// <param name="counts">How many numbers of rows are kept: one, or one for each expert.</param>
    public Sums For(string tensor, long values, long counts)
    {
        if (!_entries.TryGetValue(tensor, out Sums? sums)) _entries[tensor] = sums = new(new double[values], new long[counts]);
        return sums.Squares.Length == values && sums.Counts.Length == counts
            ? sums
            : throw new NativeRuntimeException($"{tensor} has {values} inputs in {counts} parts now and had {sums.Squares.Length} in {sums.Counts.Length}.");
    }

    /// <summary>Adds the squares of one row of activations, in double precision.</summary>
    /// <param name="row">[columns]</param>
    /// <param name="squares">[columns]</param>
    /// <returns>Whether the row is finite.</returns>
    public static bool Add(ReadOnlySpan<float> row, Span<double> squares)
    {
        double sum = 0;
        int i = 0;
        for (; Vector.IsHardwareAccelerated && i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(row[i..]), out Vector<double> low, out Vector<double> high);
            (low, high) = (low * low, high * high);
            (new Vector<double>(squares[i..]) + low).CopyTo(squares[i..]);
            (new Vector<double>(squares[(i + Vector<double>.Count)..]) + high).CopyTo(squares[(i + Vector<double>.Count)..]);
            sum += Vector.Sum(low + high);
        }

        for (; i < row.Length; i++)
        {
            double square = (double)row[i] * row[i];
            squares[i] += square;
            sum += square;
        }

        return double.IsFinite(sum);
    }

    /// <summary>One tensor's sums.</summary>
    internal sealed record Sums(double[] Squares, long[] Counts);
}
