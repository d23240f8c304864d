namespace AgentKit.Models.Engine;

/// <summary>
/// Gives sequences their ids and their share of the KV cells, and keeps the KV of finished ones so that a prompt that begins like an
/// earlier one does not compute that beginning again.
/// </summary>
internal sealed class SequencePool
{
    private readonly EngineContext _context;
    private readonly int _cells;
    private readonly Stack<int> _freeIds;

    /// <summary>Finished sequences, least recently used first.</summary>
    private readonly List<KeptSequence> _kept = [];
    private int _reserved;

    public SequencePool(EngineContext context, EngineOptions options)
    {
        _context = context;
        _cells = options.Cells;
        _freeIds = new(Enumerable.Range(0, options.SequenceIds).Reverse());
    }

    /// <summary>Admits a sequence if its reservation fits; it then has an id and shares the longest known beginning.</summary>
    public bool TryAdmit(Sequence sequence, IReadOnlyList<Sequence> running)
    {
        if (_reserved + sequence.Reservation > _cells)
        {
            return false;
        }

        // The last prompt token is always computed: its logits choose the first output token.
        ReadOnlySpan<int> prompt = sequence.Prompt[..^1];
        KeptSequence? kept = LongestKept(prompt, out int keptLength);
        Sequence? live = LongestRunning(prompt, running, out int liveLength);
        if (kept is not null && keptLength >= liveLength && CanContinue(kept, keptLength))
        {
            _kept.Remove(kept);
            if (keptLength < kept.Tokens.Length)
            {
                _context.Trim(kept.Id, keptLength);
            }

            sequence.Admit(kept.Id, keptLength);
        }
        else
        {
            int shared = _context.CanTrim ? Math.Max(keptLength, liveLength) : 0;
            int source = keptLength > liveLength ? kept!.Id : live?.Id ?? -1;
            int id = TakeId(source);
            if (shared > 0)
            {
                _context.SharePrefix(source, id, shared);
            }

            sequence.Admit(id, shared);
        }

        _reserved += sequence.Reservation;
        while (_reserved + _kept.Sum(k => k.Tokens.Length) > _cells)
        {
            EvictOldest();
        }

        return true;
    }

    /// <summary>Takes an ended sequence back; what it computed is kept until the room is needed.</summary>
    public void Release(Sequence sequence)
    {
        _reserved -= sequence.Reservation;
        _kept.Add(new(sequence.Id, sequence.DecodedTokens.ToArray()));
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

    /// <summary>Continuing a kept sequence costs nothing, but most of it would be lost if the prompt uses little of it.</summary>
    private bool CanContinue(KeptSequence kept, int length) =>
        length > 0 && (length == kept.Tokens.Length || (_context.CanTrim && length * 2 >= kept.Tokens.Length));

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

    private sealed record KeptSequence(int Id, int[] Tokens);
}
