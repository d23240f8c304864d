namespace AgentKit.Models.Engine;

/// <summary>
/// Keeps the KV of sequences in main memory after their cells were needed for others, up to a limit of bytes; the least recently used goes
/// first. Reading one back is a copy, computing it again is a pass of the model over every token.
/// </summary>
/// <param name="limit">Most bytes; 0 keeps nothing.</param>
internal sealed class PrefixStore(long limit)
{
    private readonly PrefixTree<StoredPrefix> _tree = new();

    /// <summary>Least recently used first.</summary>
    private readonly LinkedList<StoredPrefix> _entries = [];

    /// <summary>Bytes in use.</summary>
    public long Bytes { get; private set; }

    /// <summary>What is stored, least recently used first.</summary>
    public IReadOnlyCollection<StoredPrefix> Entries => _entries;

    /// <summary>Whether a state of this size can be kept at all.</summary>
    public bool Fits(long bytes) => bytes > 0 && bytes <= Math.Min(limit, Array.MaxLength);

    /// <summary>Whether these tokens are stored already, alone or as the beginning of more; they then count as just used.</summary>
    public bool Holds(int scope, int[] tokens)
    {
        StoredPrefix? found = _tree.Longest(scope, tokens, wholeOnly: false, out int length);
        bool holds = found is not null && length == tokens.Length;
        if (holds)
        {
            Touch(found!);
        }

        return holds;
    }

    /// <summary>Adds a state, in the place of one that it continues.</summary>
    public void Add(StoredPrefix added)
    {
        if (_tree.Longest(added.Scope, added.Tokens, wholeOnly: true, out _) is { } shorter)
        {
            Remove(shorter);
        }

        _tree.Add(added.Scope, added.Tokens, added);
        added.Place = _entries.AddLast(added);
        Bytes += added.Size;
        while (Bytes > limit)
        {
            Remove(_entries.First!.Value);
        }
    }

    /// <summary>The stored sequence with the longest common beginning.</summary>
    public StoredPrefix? Longest(int scope, ReadOnlySpan<int> prompt, bool wholeOnly, out int length) =>
        _tree.Longest(scope, prompt, wholeOnly, out length);

    /// <summary>Marks an entry as just used.</summary>
    public void Touch(StoredPrefix entry)
    {
        _entries.Remove(entry.Place!);
        _entries.AddLast(entry.Place!);
    }

    /// <summary>Removes an entry; does nothing when it is gone already.</summary>
    public void Remove(StoredPrefix entry)
    {
        if (entry.Place is null)
        {
            return;
        }

        _tree.Remove(entry.Scope, entry.Tokens, entry);
        _entries.Remove(entry.Place);
        entry.Place = null;
        Bytes -= entry.Size;
    }

    /// <summary>Removes all entries of a scope.</summary>
    public void RemoveScope(int scope)
    {
        foreach (StoredPrefix entry in _entries.Where(entry => entry.Scope == scope).ToList())
        {
            Remove(entry);
        }
    }
}
