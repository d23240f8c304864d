using System.Collections.Concurrent;
using System.Numerics.Tensors;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Search;

namespace AgentKit.Memory.Stores.InMemory;

internal sealed class InMemoryCollection(
    ConcurrentDictionary<string, InMemoryCollection.Content> collections, VectorStoreCollectionDefinition definition) : VectorStoreCollection(definition)
{
    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(collections.ContainsKey(Name));

    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default)
    {
        Definition.CheckShape(collections.GetOrAdd(Name, _ => new Content(Definition.Shape)).Shape);
        return Task.CompletedTask;
    }

    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default)
    {
        collections.TryRemove(Name, out _);
        return Task.CompletedTask;
    }

    internal override Task<string?> StoredShapeAsync(CancellationToken cancellationToken) => Task.FromResult(collections.GetValueOrDefault(Name)?.Shape);

    private protected override Task WriteAsync(MemoryScope scope, IReadOnlyList<VectorStoreRecord> records, CancellationToken cancellationToken)
    {
        Content content = Existing();
        Entry[] entries = [.. records.Select(record => new Entry(record, TermFrequencies.Of(record.Text)))];
        lock (content.Gate)
        {
            if (!content.Scopes.TryGetValue(scope, out SortedDictionary<string, Entry>? of))
                content.Scopes.Add(scope, of = new SortedDictionary<string, Entry>(StringComparer.Ordinal));
            foreach (Entry entry in entries) of[entry.Record.Key] = entry;
        }

        return Task.CompletedTask;
    }

    private protected override Task<IReadOnlyList<VectorStoreRecord>> ReadAsync(
        MemoryScope scope, IReadOnlyList<string> keys, bool vectors, CancellationToken cancellationToken)
    {
        var wanted = keys.ToHashSet(StringComparer.Ordinal);
        return Task.FromResult<IReadOnlyList<VectorStoreRecord>>(
            [.. Entries(scope).Where(entry => wanted.Contains(entry.Record.Key)).Select(entry => entry.Read(vectors))]);
    }

    private protected override IAsyncEnumerable<VectorStoreRecord> EnumerateAsync(
        MemoryScope scope, MetadataFilter? filter, bool vectors, CancellationToken cancellationToken) =>
        Entries(scope).Where(entry => InMemoryFilter.Matches(filter, entry.Record)).Select(entry => entry.Read(vectors)).ToAsyncEnumerable();

    private protected override Task<long> CountMatchesAsync(MemoryScope scope, MetadataFilter? filter, CancellationToken cancellationToken) =>
        Task.FromResult((long)Entries(scope).Count(entry => InMemoryFilter.Matches(filter, entry.Record)));

    private protected override Task RemoveAsync(MemoryScope scope, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        Content content = Existing();
        lock (content.Gate)
        {
            if (content.Scopes.GetValueOrDefault(scope) is not { } of) return Task.CompletedTask;
            foreach (string key in keys) of.Remove(key);
        }

        return Task.CompletedTask;
    }

    private protected override Task RemoveAsync(MemoryScope scope, MetadataFilter filter, CancellationToken cancellationToken) => RemoveAsync(
        scope, [.. Entries(scope).Where(entry => InMemoryFilter.Matches(filter, entry.Record)).Select(entry => entry.Record.Key)], cancellationToken);

    private protected override Task<IReadOnlyList<VectorSearchResult>> NearestAsync(
        MemoryScope scope, float[] vector, int top, MetadataFilter? filter, bool vectors, CancellationToken cancellationToken)
    {
        IEnumerable<(Entry, double)> scored = Entries(scope).Where(entry => InMemoryFilter.Matches(filter, entry.Record))
            .Select(entry => (entry, (double)TensorPrimitives.Dot<float>(entry.Record.Vector.Span, vector)));
        return Task.FromResult(Best(scored, top, vectors));
    }

    private protected override Task<IReadOnlyList<VectorSearchResult>> MatchingAsync(
        MemoryScope scope, IReadOnlyList<string> terms, int top, MetadataFilter? filter, bool vectors, CancellationToken cancellationToken)
    {
        Entry[] entries = Entries(scope);
        double mean = Math.Max(1, entries.Length == 0 ? 1 : entries.Average(entry => entry.Length));
        Dictionary<string, double> weights = terms.ToDictionary(
            term => term, term => Bm25.Weight(entries.Length, entries.Count(entry => entry.Terms.ContainsKey(term))), StringComparer.Ordinal);
        IEnumerable<(Entry, double)> scored = entries
            .Where(entry => terms.Any(entry.Terms.ContainsKey) && InMemoryFilter.Matches(filter, entry.Record))
            .Select(entry => (entry, terms.Where(entry.Terms.ContainsKey)
                .Sum(term => weights[term] * Bm25.Saturated(entry.Terms[term], entry.Length, mean))));
        return Task.FromResult(Best(scored, top, vectors));
    }

    private static IReadOnlyList<VectorSearchResult> Best(IEnumerable<(Entry Entry, double Score)> scored, int top, bool vectors) =>
    [
        .. scored.OrderByDescending(one => one.Score).ThenBy(one => one.Entry.Record.Key, StringComparer.Ordinal).Take(top)
            .Select(one => new VectorSearchResult(one.Entry.Read(vectors), one.Score)),
    ];

    private Content Existing()
    {
        Content content = collections.GetValueOrDefault(Name) ?? throw new UserInputException(Name, $"There is no collection {Name}; make it first.");
        Definition.CheckShape(content.Shape);
        return content;
    }

    /// <summary>The entries of a scope as they are now, by key.</summary>
    private Entry[] Entries(MemoryScope scope)
    {
        Content content = Existing();
        lock (content.Gate) return content.Scopes.TryGetValue(scope, out SortedDictionary<string, Entry>? of) ? [.. of.Values] : [];
    }

    /// <summary>What a collection holds.</summary>
    internal sealed class Content(string shape)
    {
        public string Shape => shape;

        public Lock Gate { get; } = new();

        public Dictionary<MemoryScope, SortedDictionary<string, Entry>> Scopes { get; } = [];
    }

    /// <summary>A record and the terms of its text.</summary>
    internal sealed class Entry(VectorStoreRecord record, TermFrequencies terms)
    {
        public VectorStoreRecord Record => record;

        public IReadOnlyDictionary<string, int> Terms => terms.Counts;

        public int Length { get; } = terms.Length;

        public VectorStoreRecord Read(bool vectors) => vectors ? record : record with { Vector = default };
    }
}
