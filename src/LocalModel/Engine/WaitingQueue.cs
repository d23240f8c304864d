namespace AgentKit.Models.Engine;

/// <summary>
/// Requests that wait for admission, a line for each caller. Lines take turns, so a caller with a hundred requests does not keep another
/// one's first request waiting behind all of them.
/// </summary>
internal sealed class WaitingQueue
{
    private readonly Dictionary<string, LinkedList<Sequence>> _lines = [];
    private readonly List<string> _turns = [];
    private int _turn;

    public int Count { get; private set; }

    public void Add(Sequence sequence)
    {
        if (!_lines.TryGetValue(sequence.Queue, out LinkedList<Sequence>? line))
        {
            _lines[sequence.Queue] = line = [];
            _turns.Add(sequence.Queue);
        }

        line.AddLast(sequence);
        Count++;
    }

    /// <summary>
    /// Takes the next request that can run. One that will be cheaper in a moment lets others pass. One without room stops everyone: room that
    /// becomes free is then its own, and large requests do not starve.
    /// </summary>
    /// <param name="tryAdmit">Admits a request or says why not.</param>
    public Sequence? Take(Func<Sequence, Admission> tryAdmit)
    {
        for (int tried = 0; tried < _turns.Count; tried++)
        {
            int turn = (_turn + tried) % _turns.Count;
            LinkedList<Sequence> line = _lines[_turns[turn]];
            for (LinkedListNode<Sequence>? node = line.First; node is not null; node = node.Next)
            {
                // A cancelled request needs no room; it is taken so that it can be retired.
                Admission admission = node.Value.IsOver ? Admission.Admitted : tryAdmit(node.Value);
                if (admission == Admission.NoRoom)
                {
                    _turn = turn;
                    return null;
                }

                if (admission == Admission.Admitted)
                {
                    Remove(turn, line, node);
                    return node.Value;
                }
            }
        }

        return null;
    }

    /// <summary>Takes all requests.</summary>
    public IReadOnlyList<Sequence> Clear()
    {
        List<Sequence> all = [.. _lines.Values.SelectMany(line => line)];
        _lines.Clear();
        _turns.Clear();
        Count = 0;
        return all;
    }

    private void Remove(int turn, LinkedList<Sequence> line, LinkedListNode<Sequence> node)
    {
        Count--;
        line.Remove(node);
        _turn = turn + 1;
        if (line.Count == 0)
        {
            _lines.Remove(_turns[turn]);
            _turns.RemoveAt(turn);
            _turn = turn;
        }

        _turn = _turns.Count == 0 ? 0 : _turn % _turns.Count;
    }
}
