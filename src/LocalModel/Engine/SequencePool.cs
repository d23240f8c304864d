using System.Runtime.InteropServices;

namespace AgentKit.Models.Engine;

/// <summary>
/// Gives sequences their ids and their share of the KV cells, and keeps the KV of finished ones so that a prompt that begins like an
/// earlier one does not compute that beginning again. Cells of a common beginning are shared, never copied; what must give up its cells moves to
/// main memory.
/// </summary>
internal sealed class SequencePool
{
    /// <summary>A beginning that another prompt is about to compute is worth waiting for from this many tokens on.</summary>
    private const int WorthWaiting = 32;

    /// <summary>Reading a stored state back is a copy of all of it: it must bring this many tokens more than sharing cells does.</summary>
    private const int WorthRestoring = 64;

    /// <summary>
    /// llama.cpp's attention on a CPU takes up to 63 rows one by one, and from 64 on in tiles that cost a third for each: behind a long
    /// beginning it pays to compute a few known tokens again.
    /// </summary>
    private const int TileRows = 64;
    private const int WorthATile = TileRows / 2;
    private const int LongBeginning = 1024;

    private readonly EngineContext _context;
    private readonly int _cells;
    private readonly Stack<int> _freeIds;
    private readonly CellLedger _ledger;
    private readonly PrefixTree<KeptSequence> _tree = new();

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
        Store = new(options.StoredPrefixBytes);
    }

    /// <summary>Cells in use, shared ones counted once.</summary>
    public int CellsUsed => _ledger.Used;

    /// <summary>What was moved to main memory.</summary>
    public PrefixStore Store { get; }

    /// <summary>Admits a sequence if what it may come to need fits; it then has an id and starts behind the longest known beginning.</summary>
    public Admission TryAdmit(Sequence sequence, IReadOnlyList<Sequence> running)
    {
        ReadOnlySpan<int> prompt = sequence.Shareable;
        int scope = sequence.Adapters.Scope;
        KeptSequence? kept = _tree.Longest(scope, prompt, wholeOnly: !_context.CanTrim, out int keptLength);
        Sequence? live = _context.CanTrim ? LongestRunning(prompt, scope, running, out int liveLength) : Nothing(out liveLength);
        int shared = Useful(Math.Max(keptLength, liveLength), sequence);
        StoredPrefix? stored = Store.Longest(scope, prompt, wholeOnly: !_context.CanTrim, out int storedLength);
        bool restore = stored is not null && storedLength >= shared + WorthRestoring;
        if (_context.CanTrim && WillBeComputed(prompt, scope, running) >= Math.Max(shared, restore ? storedLength : 0) + WorthWaiting)
        {
            return Admission.WaitForBeginning;
        }

        if (restore && TryRestore(sequence, stored!, Useful(storedLength, sequence)))
        {
            return Admission.Admitted;
        }

        List<int> source = keptLength >= liveLength ? kept?.Cells ?? [] : live!.Cells;
        int newPromise = sequence.Reservation - shared;
        if (_ledger.UsedByRunning + _ledger.NotRunning(source, shared) + _promised + newPromise > _cells)
        {
            return Admission.NoRoom;
        }

        if (keptLength >= liveLength && kept is not null && CanContinue(kept, shared))
        {
            Resume(sequence, kept, shared);
        }
        else
        {
            Share(sequence, keptLength >= liveLength ? kept?.Id ?? -1 : live!.Id, source, shared);
        }

        _promised += newPromise;
        MakeRoom(0);
        return Admission.Admitted;
    }

    /// <summary>Counts the cells of tokens that are about to be computed.</summary>
    public void Extend(Sequence sequence)
    {
        int count = sequence.Decoded + sequence.Guessed - sequence.Cells.Count;
        _promised -= count;
        _ledger.Extend(sequence.Cells, count);
    }

    /// <summary>Gives back the cells of wrong guesses.</summary>
    public void Retract(Sequence sequence)
    {
        int count = sequence.Cells.Count - sequence.Decoded;
        if (count > 0)
        {
            _context.Trim(sequence.Id, sequence.Decoded);
            _ledger.Release(sequence.Cells, sequence.Decoded, count);
            _promised += count;
        }
    }

    /// <summary>
    /// Makes room in a full sequence: its first tokens stay, because attention rests on them (Xiao et al. 2024, StreamingLLM), the older half of
    /// the others goes. The rest moves to earlier positions, or is computed again where its cells cannot move.
    /// </summary>
    public void Shift(GeneratingSequence sequence)
    {
        int sinks = sequence.Sinks;
        int dropped = (sequence.Tokens.Count - sinks + 1) / 2;
        int held = sequence.Cells.Count;
        if (_context.CanShift && _ledger.IsAlone(sequence.Cells, sinks + dropped))
        {
            _context.Shift(sequence.Id, sinks + dropped, dropped);
            _ledger.Release(sequence.Cells, sinks, dropped);
        }
        else if (_context.CanTrim)
        {
            _context.Trim(sequence.Id, sinks);
            _ledger.Release(sequence.Cells, sinks, held - sinks);
        }
        else
        {
            _context.Trim(sequence.Id, 0);
            _ledger.Release(sequence.Cells, 0, held);
        }

        _promised += held - sequence.Cells.Count;
        sequence.Drop(dropped, sequence.Cells.Count);
    }

    /// <summary>
    /// Stores the state behind a prompt of a model whose state cannot be cut back later: the next turn often continues the prompt but not
    /// the answer, which templates rewrite.
    /// </summary>
    public void Checkpoint(Sequence sequence)
    {
        int[] tokens = sequence.DecodedTokens.ToArray();
        int scope = sequence.Adapters.Scope;
        if (!Store.Holds(scope, tokens) && Store.Fits(_context.StateBytes(sequence.Id)))
        {
            Store.Add(new(scope, tokens, _context.Save(sequence.Id)));
        }
    }

    /// <summary>Takes an ended sequence back; what it computed is kept until the room is needed.</summary>
    public void Release(Sequence sequence)
    {
        _promised -= sequence.Reservation - sequence.Cells.Count;
        int reusable = _context.CanTrim || sequence.Reusable == sequence.Cells.Count ? sequence.Reusable : 0;
        if (reusable < sequence.Cells.Count)
        {
            _context.Trim(sequence.Id, reusable);
            _ledger.Release(sequence.Cells, reusable, sequence.Cells.Count - reusable);
        }

        if (reusable == 0)
        {
            _freeIds.Push(sequence.Id);
            return;
        }

        _ledger.Keep(sequence.Cells);
        KeptSequence kept = new(sequence.Id, sequence.Adapters.Scope, sequence.Tokens.GetRange(0, reusable).ToArray(), sequence.Cells);
        _kept.Add(kept);
        _tree.Add(kept.Scope, kept.Tokens, kept);
    }

    /// <summary>Frees the cells of the sequence that has not been used for the longest time. <c>false</c>: there is none.</summary>
    public bool EvictOldest()
    {
        if (_kept.Count == 0)
        {
            return false;
        }

        Evict(_kept[0], store: true);
        return true;
    }

    /// <summary>Moves everything that is kept to main memory, so that it can be saved.</summary>
    public void StoreKept()
    {
        while (EvictOldest())
        {
        }
    }

    /// <summary>Forgets everything computed with some adapters.</summary>
    public void Forget(int scope)
    {
        _kept.Where(kept => kept.Scope == scope).ToList().ForEach(kept => Evict(kept, store: false));
        Store.RemoveScope(scope);
    }

    /// <summary>How many of the known tokens to use, so that the others fill a tile if they come close.</summary>
    private int Useful(int known, Sequence sequence)
    {
        int rest = sequence.Tokens.Count - known;
        return _context.CanTrim && known >= LongBeginning && rest is >= WorthATile and < TileRows ? sequence.Tokens.Count - TileRows : known;
    }

    private void MakeRoom(int more)
    {
        while (_ledger.Used + _promised + more > _cells && EvictOldest())
        {
        }
    }

    private bool TryRestore(Sequence sequence, StoredPrefix stored, int length)
    {
        // For a moment the whole stored sequence is there, and it may be longer than what is asked for.
        int need = Math.Max(sequence.Reservation, stored.Tokens.Length);
        if (_ledger.UsedByRunning + _promised + need > _cells)
        {
            return false;
        }

        Store.Touch(stored);
        MakeRoom(need);
        int id = TakeId(-1);
        if (!_context.Restore(id, stored.State, stored.Tokens.Length))
        {
            _context.Trim(id, 0);
            _freeIds.Push(id);
            Store.Remove(stored);
            return false;
        }

        List<int> held = [];
        _ledger.Extend(held, stored.Tokens.Length);
        if (length < held.Count)
        {
            _context.Trim(id, length);
            _ledger.Release(held, length, held.Count - length);
        }

        sequence.Admit(id, length, held);
        _promised += sequence.Reservation - length;
        return true;
    }

    private void Resume(Sequence sequence, KeptSequence kept, int length)
    {
        Remove(kept);
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
            // There are some more ids than sequences that can run, so there is always another one to give up.
            Evict(_kept.First(k => k.Id != source), store: true);
        }

        return _freeIds.Pop();
    }

    private void Evict(KeptSequence kept, bool store)
    {
        Remove(kept);
        if (store)
        {
            StoreCopy(kept);
        }

        _ledger.Drop(kept.Cells);
        _context.Trim(kept.Id, 0);
        _freeIds.Push(kept.Id);
    }

    private void StoreCopy(KeptSequence kept)
    {
        _tree.Longest(kept.Scope, kept.Tokens, wholeOnly: !_context.CanTrim, out int heldByOthers);
        if (kept.Tokens.Length - heldByOthers >= WorthRestoring
            && !Store.Holds(kept.Scope, kept.Tokens) && Store.Fits(_context.StateBytes(kept.Id)))
        {
            Store.Add(new(kept.Scope, kept.Tokens, _context.Save(kept.Id)));
        }
    }

    private void Remove(KeptSequence kept)
    {
        _kept.Remove(kept);
        _tree.Remove(kept.Scope, kept.Tokens, kept);
    }

    private static Sequence? Nothing(out int length)
    {
        length = 0;
        return null;
    }

    private static Sequence? LongestRunning(ReadOnlySpan<int> prompt, int scope, IReadOnlyList<Sequence> running, out int length)
    {
        Sequence? best = null;
        length = 0;
        foreach (Sequence candidate in running)
        {
            if (candidate.Adapters.Scope != scope || candidate.IsOver)
            {
                continue;
            }

            int common = candidate.DecodedTokens[..candidate.Reusable].CommonPrefixLength(prompt);
            if (common > length)
            {
                (best, length) = (candidate, common);
            }
        }

        return best;
    }

    /// <summary>Length of the longest beginning that some running prompt shares but has not computed yet.</summary>
    private static int WillBeComputed(ReadOnlySpan<int> prompt, int scope, IReadOnlyList<Sequence> running)
    {
        int longest = 0;
        foreach (Sequence candidate in running)
        {
            if (!candidate.IsOver && candidate.Adapters.Scope == scope && candidate.Pending > 1)
            {
                longest = Math.Max(longest, CollectionsMarshal.AsSpan(candidate.Tokens).CommonPrefixLength(prompt));
            }
        }

        return longest;
    }

    private sealed record KeptSequence(int Id, int Scope, int[] Tokens, List<int> Cells);
}
