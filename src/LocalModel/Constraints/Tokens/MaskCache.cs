using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Tokens;

/// <summary>
/// Masks by grammar state, the least recently used ones dropped beyond a number of bytes. Safe to use from several threads.
/// </summary>
/// <param name="byteLimit">The most memory that masks may take.</param>
internal sealed class MaskCache(long byteLimit)
{
    private readonly Lock gate = new();
    private readonly Dictionary<GrammarState, LinkedListNode<(GrammarState State, TokenMask Mask)>> entries = [];
    private readonly LinkedList<(GrammarState State, TokenMask Mask)> byUse = [];

    /// <summary>The memory taken now.</summary>
    internal long Bytes { get; private set; }

    /// <summary>The mask of <paramref name="state"/>; built outside the lock, so two threads may build the same one.</summary>
    internal TokenMask GetOrBuild(GrammarState state, Func<GrammarState, TokenMask> build)
    {
        lock (gate)
        {
            if (entries.TryGetValue(state, out var entry))
            {
                byUse.Remove(entry);
                byUse.AddFirst(entry);
                return entry.Value.Mask;
            }
        }

        var mask = build(state);
        lock (gate)
        {
            if (entries.TryAdd(state, new LinkedListNode<(GrammarState, TokenMask)>((state, mask))))
            {
                byUse.AddFirst(entries[state]);
                Bytes += mask.Bytes;
            }

            while (Bytes > byteLimit && byUse.Last is { } oldest)
            {
                byUse.RemoveLast();
                entries.Remove(oldest.Value.State);
                Bytes -= oldest.Value.Mask.Bytes;
            }
        }

        return mask;
    }
}
