namespace AgentKit.Models.Engine;

/// <summary>
/// Knows how many KV cells are in use although sequences share the cells of a common beginning: a book of the cells llama.cpp keeps,
/// with the number of running and of kept sequences that hold each one.
/// </summary>
internal sealed class CellLedger
{
    private readonly int[] _running;
    private readonly int[] _kept;
    private readonly Stack<int> _free;

    public CellLedger(int cells)
    {
        _running = new int[cells];
        _kept = new int[cells];
        _free = new(Enumerable.Range(0, cells).Reverse());
    }

    /// <summary>Cells held by any sequence.</summary>
    public int Used => _running.Length - _free.Count;

    /// <summary>Cells held by at least one running sequence.</summary>
    public int UsedByRunning { get; private set; }

    /// <summary>Gives a running sequence cells for tokens it has computed.</summary>
    public void Extend(List<int> held, int count)
    {
        for (int i = 0; i < count; i++)
        {
            int cell = _free.Pop();
            held.Add(cell);
            Hold(cell);
        }
    }

    /// <summary>Lets a running sequence hold the first cells of another.</summary>
    public void Share(List<int> source, int count, List<int> held)
    {
        for (int i = 0; i < count; i++)
        {
            held.Add(source[i]);
            Hold(source[i]);
        }
    }

    /// <summary>How many of a sequence's first cells no running sequence holds yet.</summary>
    public int NotRunning(List<int> held, int count)
    {
        int result = 0;
        for (int i = 0; i < count; i++)
        {
            result += _running[held[i]] == 0 ? 1 : 0;
        }

        return result;
    }

    /// <summary>A running sequence has ended and is kept.</summary>
    public void Keep(List<int> held)
    {
        foreach (int cell in held)
        {
            _kept[cell]++;
            UsedByRunning -= --_running[cell] == 0 ? 1 : 0;
        }
    }

    /// <summary>A kept sequence runs again with its first cells; the others are given up.</summary>
    public void Resume(List<int> held, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Hold(held[i]);
        }

        Drop(held);
        held.RemoveRange(count, held.Count - count);
    }

    /// <summary>A kept sequence gives up all its cells.</summary>
    public void Drop(List<int> held)
    {
        foreach (int cell in held)
        {
            if (--_kept[cell] == 0 && _running[cell] == 0)
            {
                _free.Push(cell);
            }
        }
    }

    /// <summary>A running sequence gives up some of its cells.</summary>
    public void Release(List<int> held, int from, int count)
    {
        for (int i = from; i < from + count; i++)
        {
            int cell = held[i];
            UsedByRunning -= --_running[cell] == 0 ? 1 : 0;
            if (_running[cell] == 0 && _kept[cell] == 0)
            {
                _free.Push(cell);
            }
        }

        held.RemoveRange(from, count);
    }

    /// <summary>Whether nobody else holds a running sequence's cells from an index on.</summary>
    public bool IsAlone(List<int> held, int from)
    {
        for (int i = from; i < held.Count; i++)
        {
            if (_running[held[i]] + _kept[held[i]] != 1)
            {
                return false;
            }
        }

        return true;
    }

    private void Hold(int cell) => UsedByRunning += _running[cell]++ == 0 ? 1 : 0;
}
