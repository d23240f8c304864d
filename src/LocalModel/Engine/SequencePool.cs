namespace AgentKit.Models.Engine;

/// <summary>
/// Gives sequences their ids and their share of the KV cells, and keeps the KV of finished ones so that a prompt that begins like an
/// earlier one does not compute that beginning again. Cells of a common beginning are shared, never copied.
/// </summary>
internal sealed class SequencePool
{
    /// <summary>A beginning that another prompt is about to compute is worth waiting for from this many tokens on.</summary>
    private const int WorthWaiting = 32;

    private readonly EngineContext _context;
    private readonly int _cells;
    private readonly Stack<int> _freeIds;
    private readonly CellLedger _ledger;

    /// <summary>Finished sequences, least recently used first.</summary>
    private readonly List<KeptSequence> _kept = [];

    /// <summary>Cells that running sequences may still come to need.</summary>
    private int _promised;

    public SequencePool(EngineContext context, EngineOptions options)
    {
        _context = context;
        _cells = options.Cells;
        _ledger = new(options.Cells);
        _freeIds = new(Enumerable.Range(0, options.SequenceIds).Reverse());
    }

    /// <summary>Cells in use, shared ones counted once.</summary>
    public int CellsUsed => _ledger.Used;

    /// <summary>Admits a sequence if what it may come to need fits; it then has an id and shares the longest known beginning.</summary>
    public bool TryAdmit(Sequence sequence, IReadOnlyList<Sequence> running)
    {
        // The last prompt token is always computed: its logits choose the first output token.
        ReadOnlySpan<int> prompt = sequence.Prompt[..^1];
        KeptSequence? kept = LongestKept(prompt, out int keptLength);
        Sequence? live = LongestRunning(prompt, running, out int liveLength);
        if (!_context.CanTrim)
        {
            (live, liveLength) = (null, 0);
            (kept, keptLength) = kept is not null && keptLength == kept.Tokens.Length ? (kept, keptLength) : (null, 0);
        }
        else if (WillBeComputed(prompt, running) >= Math.Max(keptLength, liveLength) + WorthWaiting)
        {
            return false;
        }

        int shared = Math.Max(keptLength, liveLength);
        List<int> source = keptLength >= liveLength ? kept?.Cells ?? [] : live!.Cells;
        int newPromise = sequence.Reservation - shared;
        if (_ledger.UsedByRunning + _ledger.NotRunning(source, shared) + _promised + newPromise > _cells)
        {
            return false;
        }

        if (keptLength >= liveLength && kept is not null && CanContinue(kept, keptLength))
        {
            Resume(sequence, kept, keptLength);
        }
        else
        {
            Share(sequence, keptLength >= liveLength ? kept?.Id ?? -1 : live!.Id, source, shared);
        }

        _promised += newPromise;
        MakeRoom();
        return true;
    }

    /// <summary>Counts the cells of tokens that are about to be computed.</summary>
    public void Extend(Sequence sequence)
    {
        int count = sequence.Decoded - sequence.Cells.Count;
        _promised -= count;
        _ledger.Extend(sequence.Cells, count);
    }

    /// <summary>Takes an ended sequence back; what it computed is kept until the room is needed.</summary>
    public void Release(Sequence sequence)
    {
        _promised -= sequence.Reservation - sequence.Cells.Count;
        _ledger.Keep(sequence.Cells);
        _kept.Add(new(sequence.Id, sequence.DecodedTokens.ToArray(), sequence.Cells));
    }

    /// <summary>Frees the cells of the sequence that has not been used for the longest time. <c>false</c>: there is none.</summary>
    public bool EvictOldest()
    {
        if (_kept.Count == 0)
        {
            return false;
        }

        Evict(_kept[0]);
        return true;
    }

    private void MakeRoom()
    {
        while (_ledger.Used + _promised > _cells && EvictOldest())
        {
        }
    }

    private void Resume(Sequence sequence, KeptSequence kept, int length)
    {
        _kept.Remove(kept);
        if (length < kept.Tokens.Length)
        {
            _context.Trim(kept.Id, length);
        }

        _ledger.Resume(kept.Cells, length);
        sequence.Admit(kept.Id, length, kept.Cells);
    }

    private void Share(Sequence sequence, int source, List<int> cells, int length)
    {
        List<int> held = [];
        _ledger.Share(cells, length, held);
        int id = TakeId(source);
        if (length > 0)
        {
            _context.SharePrefix(source, id, length);
        }

        sequence.Admit(id, length, held);
    }

    /// <summary>Continuing a kept sequence costs nothing, but most of it would be lost if the prompt uses little of it.</summary>
    private static bool CanContinue(KeptSequence kept, int length) => length > 0 && length * 2 >= kept.Tokens.Length;

    private int TakeId(int source)
    {
        if (_freeIds.Count == 0)
        {
            // With twice as many ids as running sequences there is always another one to give up.
            Evict(_kept.First(k => k.Id != source));
        }

        return _freeIds.Pop();
    }

    private void Evict(KeptSequence kept)
    {
        _kept.Remove(kept);
        _ledger.Drop(kept.Cells);
        _context.Trim(kept.Id, 0);
        _freeIds.Push(kept.Id);
    }

    private KeptSequence? LongestKept(ReadOnlySpan<int> prompt, out int length)
    {
        KeptSequence? best = null;
        length = 0;
        foreach (KeptSequence kept in _kept)
        {
            int common = kept.Tokens.AsSpan().CommonPrefixLength(prompt);
            if (common > length)
            {
                (best, length) = (kept, common);
            }
        }

        return best;
    }

    private static Sequence? LongestRunning(ReadOnlySpan<int> prompt, IReadOnlyList<Sequence> running, out int length)
    {
        Sequence? best = null;
        length = 0;
        foreach (Sequence candidate in running)
        {
            int common = candidate.DecodedTokens.CommonPrefixLength(prompt);
            if (common > length)
            {
                (best, length) = (candidate, common);
            }
        }

        return best;
    }

    /// <summary>Length of the longest beginning that some running prompt shares but has not computed yet.</summary>
    private static int WillBeComputed(ReadOnlySpan<int> prompt, IReadOnlyList<Sequence> running)
    {
        int longest = 0;
        foreach (Sequence candidate in running)
        {
            if (!candidate.IsOver && candidate.Decoded < candidate.Prompt.Length)
            {
                longest = Math.Max(longest, candidate.Prompt.CommonPrefixLength(prompt));
            }
        }

        return longest;
    }

    private sealed record KeptSequence(int Id, int[] Tokens, List<int> Cells);
}
