namespace AgentKit.Models.Constraints;

/// <summary>
/// Compiled grammars, or what holds them, by a name of the caller's (for example the tools' schemas as one text), the least recently used ones
/// dropped. Requests that share a grammar share its states, and with them the token masks. Safe to use from several threads.
/// </summary>
/// <typeparam name="T">What is kept.</typeparam>
/// <param name="limit">The most entries kept.</param>
internal sealed class GrammarCache<T>(int limit = 64)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, T Value)>> entries = [];
    private readonly LinkedList<(string Key, T Value)> byUse = [];

    /// <summary>The entry of this name; built outside the lock, so two threads may build the same one.</summary>
    internal T GetOrBuild(string key, Func<T> build)
    {
        lock (gate)
        {
            if (entries.TryGetValue(key, out var known))
            {
                byUse.Remove(known);
                byUse.AddFirst(known);
                return known.Value.Value;
            }
        }

        var value = build();
        lock (gate)
        {
            if (entries.TryGetValue(key, out var earlier))
                return earlier.Value.Value;
            entries[key] = byUse.AddFirst((key, value));
            if (byUse.Count > limit)
            {
                entries.Remove(byUse.Last!.Value.Key);
                byUse.RemoveLast();
            }
        }

        return value;
    }
}
