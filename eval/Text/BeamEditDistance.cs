namespace AgentKit.Eval.Text;

/// <summary>
/// Levenshtein distance of hypotheses of one length to a reference, in a band around the diagonal as sacreBLEU computes it for TER. Rows of
/// the table that a changed hypothesis shares with the one before are kept.
/// </summary>
internal sealed class BeamEditDistance
{
    private const int BeamWidth = 25;
    private const int Unreached = int.MaxValue / 2;

    private readonly int[] _reference;
    private readonly int[] _row;
    private readonly int[] _otherRow;
    private readonly int[][] _costs;
    private readonly EditOperation[][] _operations;
    private readonly double _slope;
    private readonly int _beam;
    private int[] _hypothesis = [];

    /// <param name="reference">The reference, [words].</param>
    /// <param name="length">Words of every hypothesis.</param>
    public BeamEditDistance(int[] reference, int length)
    {
        _reference = reference;
        _row = new int[reference.Length + 1];
        _otherRow = new int[reference.Length + 1];
        _costs = new int[length + 1][];
        _operations = new EditOperation[length + 1][];
        for (int i = 0; i <= length; i++)
        {
            _costs[i] = new int[reference.Length + 1];
            _operations[i] = new EditOperation[reference.Length + 1];
        }

        for (int j = 0; j <= reference.Length; j++) (_costs[0][j], _operations[0][j]) = (j, EditOperation.Insert);
        _slope = length > 0 ? reference.Length / (double)length : 1;
        // Where the lengths differ so much that the bands of two rows would not meet, the band is wider.
        _beam = BeamWidth < _slope / 2 ? (int)Math.Ceiling(_slope / 2 + BeamWidth) : BeamWidth;
    }

    /// <summary>Takes a hypothesis as the one that others are compared with.</summary>
    /// <returns>Its distance, and the operations that turn it into the reference, first to last.</returns>
    public (int Distance, List<EditOperation> Operations) Set(int[] hypothesis)
    {
        int same = SharedBeginning(hypothesis);
        _hypothesis = hypothesis;
        for (int i = same + 1; i <= hypothesis.Length; i++) Fill(hypothesis[i - 1], i, _costs[i - 1], _costs[i], _operations[i]);
        return (_costs[^1][^1], Trace());
    }

    /// <summary>The distance of a hypothesis near the one that was set.</summary>
    public int Distance(int[] hypothesis)
    {
        int same = SharedBeginning(hypothesis);
        int[] above = _costs[same];
        (int[] row, int[] spare) = (_row, _otherRow);
        for (int i = same + 1; i <= hypothesis.Length; i++)
        {
            Fill(hypothesis[i - 1], i, above, row, []);
            (above, row, spare) = (row, spare, row);
        }

        return above[^1];
    }

    private int SharedBeginning(int[] hypothesis) => _hypothesis.AsSpan().CommonPrefixLength(hypothesis);

    private void Fill(int word, int i, int[] above, int[] row, Span<EditOperation> operations)
    {
        int diagonal = (int)Math.Floor(i * _slope);
        int from = Math.Max(0, diagonal - _beam);
        int to = i == _costs.Length - 1 ? row.Length : Math.Min(row.Length, diagonal + _beam);
        Array.Fill(row, Unreached);
        for (int j = from; j < to; j++)
        {
            (int cost, EditOperation operation) = j == 0 ? (above[0] + 1, EditOperation.Delete) : Cheapest(word, j, above, row);
            row[j] = cost;
            if (!operations.IsEmpty) operations[j] = operation;
        }
    }

    // Of equally cheap ones the first counts: tercom's order, with insertion and deletion swapped because the trace is read the other way
    // round.
    private (int Cost, EditOperation Operation) Cheapest(int word, int j, int[] above, int[] row)
    {
        bool same = word == _reference[j - 1];
        (int cost, EditOperation operation) = (above[j - 1] + (same ? 0 : 1), same ? EditOperation.Keep : EditOperation.Substitute);
        if (above[j] + 1 < cost) (cost, operation) = (above[j] + 1, EditOperation.Delete);
        return row[j - 1] + 1 < cost ? (row[j - 1] + 1, EditOperation.Insert) : (cost, operation);
    }

    private List<EditOperation> Trace()
    {
        List<EditOperation> trace = [];
        (int i, int j) = (_costs.Length - 1, _reference.Length);
        while (i > 0 || j > 0)
        {
            EditOperation operation = _operations[i][j];
            trace.Add(operation);
            if (operation != EditOperation.Insert) i--;
            if (operation != EditOperation.Delete) j--;
        }

        trace.Reverse();
        return trace;
    }
}
