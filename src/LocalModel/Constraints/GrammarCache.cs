namespace AgentKit.Models.Constraints;

/// <summary>
/// Compiled grammars by a name of the caller's (for example the tools' schemas as one text), the least recently used ones dropped. Requests that
/// share a grammar share its states, and with them the token masks. Safe to use from several threads.
/// </summary>
/// <param name="limit">The most grammars kept.</param>
internal sealed class GrammarCache(int limit = 64)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, Grammar Grammar)>> entries = [];
    private readonly LinkedList<(string Key, Grammar Grammar)> byUse = [];

    /// <summary>The grammar of this name; built outside the lock, so two threads may build the same one.</summary>
    internal Grammar GetOrBuild(string key, Func<Grammar> build)
    {
        lock (gate)
        {
            if (entries.TryGetValue(key, out var known))
            {
                byUse.Remove(known);
                byUse.AddFirst(known);
                return known.Value.Grammar;
            }
        }

        var grammar = build();
        lock (gate)
        {
            if (entries.TryGetValue(key, out var earlier))
                return earlier.Value.Grammar;
            entries[key] = byUse.AddFirst((key, grammar));
            if (byUse.Count > limit)
            {
                entries.Remove(byUse.Last!.Value.Key);
                byUse.RemoveLast();
            }
        }

        return grammar;
    }
}
