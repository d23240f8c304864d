namespace AgentKit.Memory.Knowledge.Vectors.Graph;

/// <summary>
/// Looks for rows near to a vector along the links of a graph: Malkov and Yashunin 2018, algorithms 2 and 5, with one sorted list for candidates
/// and results. Compares in 8 bits. Not for concurrent use.
/// </summary>
internal sealed class GraphWalker(VectorFile vectors, GraphFile graph)
{
    private readonly ushort[] _seen = new ushort[vectors.Layout.Count];
    private ushort _round;
    private Near[] _pool = new Near[64];
    private int _count;

    /// <summary>What is looked for.</summary>
    public Int8Query Query { get; } = new(vectors);

    /// <summary>What the last walk found, the nearest first.</summary>
    public ReadOnlySpan<Near> Found => _pool.AsSpan(0, _count);

    /// <summary>Walks greedily down to a layer, always to the nearest neighbour.</summary>
    /// <param name="entry">Where to begin.</param>
    /// <param name="from">The layer where to begin.</param>
    /// <param name="to">The layer from which the nearest row is wanted.</param>
    public int Descend(int entry, int from, int to)
    {
        float best = Query.Score(entry);
        for (int layer = from; layer >= to; layer--)
        {
            for (bool moved = true; moved;)
            {
                moved = false;
                foreach (int next in graph.Neighbours(entry, layer))
                {
                    float score = Query.Score(next);
                    if (score > best) (best, entry, moved) = (score, next, true);
                }
            }
        }

        return entry;
    }

    /// <summary>Collects the nearest rows of a layer in <see cref="Found"/>.</summary>
    /// <param name="entry">Where to begin.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="breadth">How many are kept and followed.</param>
    public void Walk(int entry, int layer, int breadth)
    {
        Begin(breadth);
        Meet(entry, breadth);
        for (int next = 0; next < _count;)
        {
            if (_pool[next].IsExpanded)
            {
                next++;
                continue;
            }

            _pool[next].IsExpanded = true;
            int first = _count;
            foreach (int neighbour in graph.Neighbours(_pool[next].Row, layer)) first = Math.Min(first, Meet(neighbour, breadth));
            if (first <= next) next = first;
        }
    }

    /// <summary>Adds a row that is no neighbour of those found.</summary>
    public void Add(int row, int breadth) => Meet(row, breadth);

    private void Begin(int breadth)
    {
        if (_pool.Length < breadth + 1) _pool = new Near[breadth + 1];
        _count = 0;
        if (++_round != 0) return;
        Array.Clear(_seen);
        _round = 1;
    }

    /// <returns>Where the row was put, or the largest number when it was not.</returns>
    private int Meet(int row, int breadth)
    {
        if (_seen[row] == _round) return int.MaxValue;
        _seen[row] = _round;
        float score = Query.Score(row);
        if (_count == breadth && score <= _pool[_count - 1].Score) return int.MaxValue;
        (int low, int high) = (0, _count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            Near other = _pool[middle];
            if (other.Score > score || (other.Score == score && other.Row < row)) low = middle + 1;
            else high = middle;
        }

        int moved = Math.Min(_count, breadth - 1) - low;
        if (moved > 0) Array.Copy(_pool, low, _pool, low + 1, moved);
        _pool[low] = new Near(row, score);
        if (_count < breadth) _count++;
        return low;
    }

    /// <summary>A row with its score.</summary>
    internal record struct Near(int Row, float Score)
    {
        /// <summary>Whether its neighbours were looked at.</summary>
        public bool IsExpanded { get; set; }
    }
}
