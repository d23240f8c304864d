using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Knowledge.Terms;

namespace AgentKit.Memory.Stores;

/// <summary>
/// Records of one shape, parted by scope: nothing of another scope is ever read, changed, or counted in a score. Every store orders and scores
/// alike: cosine by vector, Okapi BM25 within the scope by keyword, and reciprocal rank fusion of both. Safe for concurrent use.
/// </summary>
public abstract class VectorStoreCollection
{
    private const int MostResults = 10_000;
    private const int LeastCandidates = 100;
    private const int CandidatesPerResult = 4;

    private protected VectorStoreCollection(VectorStoreCollectionDefinition definition) => Definition = definition;

    /// <summary>The name of the collection.</summary>
    public string Name => Definition.Name;

    /// <summary>The shape of its records.</summary>
    public VectorStoreCollectionDefinition Definition { get; }

    /// <summary>Whether it was made in the store.</summary>
    /// <param name="cancellationToken">Cancels it.</param>
    public abstract Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default);

    /// <summary>Makes it where it is missing, with an index for each indexed field.</summary>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="UserInputException">It is there with another shape.</exception>
    public abstract Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default);

    /// <summary>Removes it with all records of all scopes, where it is there.</summary>
    /// <param name="cancellationToken">Cancels it.</param>
    public abstract Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default);

    /// <summary>Puts a record in, in place of what is there under its key.</summary>
    /// <param name="scope">Where to.</param>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="UserInputException">The record does not fit the definition, or has characters that are no text.</exception>
    public Task UpsertAsync(MemoryScope scope, VectorStoreRecord record, CancellationToken cancellationToken = default) =>
        UpsertAsync(scope, [record], cancellationToken);

    /// <summary>
    /// Puts records in, in place of what is there under their keys; of several with one key the last counts. SQL stores take all or none; Qdrant may
    /// have taken some when it fails.
    /// </summary>
    /// <param name="scope">Where to.</param>
    /// <param name="records">The records.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="UserInputException">A record does not fit the definition, or has characters that are no text.</exception>
    public async Task UpsertAsync(MemoryScope scope, IEnumerable<VectorStoreRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(records);
        var byKey = new Dictionary<string, VectorStoreRecord>(StringComparer.Ordinal);
        foreach (VectorStoreRecord record in records) byKey[record.Key] = RecordCheck.Normalized(Definition, record);
        if (byKey.Count > 0) await WriteAsync(scope, [.. byKey.Values], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The record of a key, <c>null</c> when the scope has none.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="key">The key.</param>
    /// <param name="options">What is read of it.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<VectorStoreRecord?> GetAsync(
        MemoryScope scope, string key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default) =>
        (await GetAsync(scope, [key], options, cancellationToken).ConfigureAwait(false)).FirstOrDefault();

    /// <summary>The records of keys, in the order of the keys; those that the scope does not have are left out.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="options">What is read of them.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<IReadOnlyList<VectorStoreRecord>> GetAsync(
        MemoryScope scope, IEnumerable<string> keys, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(keys);
        string[] wanted = [.. keys.Select(RecordCheck.Key).Distinct(StringComparer.Ordinal)];
        if (wanted.Length == 0) return [];
        Dictionary<string, VectorStoreRecord> found = (await ReadAsync(scope, wanted, options?.IncludeVectors ?? false, cancellationToken)
            .ConfigureAwait(false)).ToDictionary(record => record.Key, StringComparer.Ordinal);
        return [.. wanted.Where(found.ContainsKey).Select(key => found[key])];
    }

    /// <summary>All records that match, in no certain order, read some at a time: what is written meanwhile may be seen or not.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="filter">Which; all of the scope when <c>null</c>.</param>
    /// <param name="options">What is read of them.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="UserInputException">The filter names a field that is not indexed.</exception>
    public IAsyncEnumerable<VectorStoreRecord> ListAsync(
        MemoryScope scope, MetadataFilter? filter = null, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        RecordCheck.Filter(Definition, filter);
        return EnumerateAsync(scope, filter, options?.IncludeVectors ?? false, cancellationToken);
    }

    /// <summary>Number of records that match.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="filter">Which; all of the scope when <c>null</c>.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="UserInputException">The filter names a field that is not indexed.</exception>
    public async Task<long> CountAsync(MemoryScope scope, MetadataFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        RecordCheck.Filter(Definition, filter);
        return await CountMatchesAsync(scope, filter, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes the records of keys. Searches that begin when this has returned do not find them.</summary>
    /// <param name="scope">Where from.</param>
    /// <param name="keys">The keys; those that the scope does not have are passed over.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task DeleteAsync(MemoryScope scope, IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(keys);
        string[] wanted = [.. keys.Select(RecordCheck.Key).Distinct(StringComparer.Ordinal)];
        if (wanted.Length > 0) await RemoveAsync(scope, wanted, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes the records that match.</summary>
    /// <param name="scope">Where from.</param>
    /// <param name="filter">Which. <c>new MetadataFilter.And([])</c>: all of this scope.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="UserInputException">The filter names a field that is not indexed.</exception>
    public async Task DeleteAsync(MemoryScope scope, MetadataFilter filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(filter);
        RecordCheck.Filter(Definition, filter);
        await RemoveAsync(scope, filter, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The records with the nearest vectors.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="vector">The vector, of the collection's length.</param>
    /// <param name="top">Most results, 1 to 10,000.</param>
    /// <param name="options">Which may be found.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Best first; as many as wanted whenever so many match.</returns>
    /// <exception cref="UserInputException">The vector does not fit, or the filter names a field that is not indexed.</exception>
    public async Task<IReadOnlyList<VectorSearchResult>> SearchAsync(
        MemoryScope scope, ReadOnlyMemory<float> vector, int top, VectorSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check(scope, top, options);
        if (Definition.Dimensions == 0) throw new UserInputException("vector", $"The records of {Name} have no vectors.");
        float[] normalized = RecordCheck.Vector(Definition, "the query", vector);
        return Limited(
            await NearestAsync(scope, normalized, top, options?.Filter, options?.IncludeVectors ?? false, cancellationToken).ConfigureAwait(false), options);
    }

    /// <summary>The records whose text has the query's words, by Okapi BM25 (k1 = 1.2, b = 0.75) within the scope.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="text">Words; those that are not indexed count for nothing.</param>
    /// <param name="top">Most results, 1 to 10,000.</param>
    /// <param name="options">Which may be found.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Best first; none when the text has no word that is indexed.</returns>
    /// <exception cref="UserInputException">The filter names a field that is not indexed.</exception>
    public async Task<IReadOnlyList<VectorSearchResult>> KeywordSearchAsync(
        MemoryScope scope, string text, int top, VectorSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check(scope, top, options);
        ArgumentNullException.ThrowIfNull(text);
        IReadOnlyList<string> terms = Analyzer.TermsOf(text);
        if (terms.Count == 0) return [];
        return Limited(
            await MatchingAsync(scope, terms, top, options?.Filter, options?.IncludeVectors ?? false, cancellationToken).ConfigureAwait(false), options);
    }

    /// <summary>The records that are best by vector and by keyword together.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="vector">The vector, of the collection's length.</param>
    /// <param name="text">Words.</param>
    /// <param name="top">Most results, 1 to 10,000.</param>
    /// <param name="options">Which may be found, and how ranks are weighted.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Best first.</returns>
    /// <exception cref="UserInputException">The vector does not fit, or the filter names a field that is not indexed.</exception>
    public async Task<IReadOnlyList<VectorSearchResult>> HybridSearchAsync(
        MemoryScope scope,
        ReadOnlyMemory<float> vector,
        string text,
        int top,
        HybridSearchOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new HybridSearchOptions();
        VectorSearchOptions candidates = new() { Filter = options.Filter, IncludeVectors = options.IncludeVectors };
        int count = Math.Min(MostResults, Math.Max(LeastCandidates, top * CandidatesPerResult));
        IReadOnlyList<VectorSearchResult> byVector = await SearchAsync(scope, vector, count, candidates, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<VectorSearchResult> byWord = await KeywordSearchAsync(scope, text, count, candidates, cancellationToken).ConfigureAwait(false);
        Check(scope, top, options);
        return Limited([.. RankFusion.Fuse(options.RrfK, (byVector, options.VectorWeight), (byWord, options.KeywordWeight)).Take(top)], options);
    }

    /// <summary>The shape it was made with, <c>null</c> when it is not there.</summary>
    internal abstract Task<string?> StoredShapeAsync(CancellationToken cancellationToken);

    private protected abstract Task WriteAsync(MemoryScope scope, IReadOnlyList<VectorStoreRecord> records, CancellationToken cancellationToken);

    private protected abstract Task<IReadOnlyList<VectorStoreRecord>> ReadAsync(
        MemoryScope scope, IReadOnlyList<string> keys, bool vectors, CancellationToken cancellationToken);

    private protected abstract IAsyncEnumerable<VectorStoreRecord> EnumerateAsync(
        MemoryScope scope, MetadataFilter? filter, bool vectors, CancellationToken cancellationToken);

    private protected abstract Task<long> CountMatchesAsync(MemoryScope scope, MetadataFilter? filter, CancellationToken cancellationToken);

    private protected abstract Task RemoveAsync(MemoryScope scope, IReadOnlyList<string> keys, CancellationToken cancellationToken);

    private protected abstract Task RemoveAsync(MemoryScope scope, MetadataFilter filter, CancellationToken cancellationToken);

    /// <summary>The nearest by dot product, best first, equal scores by key.</summary>
    private protected abstract Task<IReadOnlyList<VectorSearchResult>> NearestAsync(
        MemoryScope scope, float[] vector, int top, MetadataFilter? filter, bool vectors, CancellationToken cancellationToken);

    /// <summary>The best by BM25 over terms of the analyzer, best first, equal scores by key.</summary>
    private protected abstract Task<IReadOnlyList<VectorSearchResult>> MatchingAsync(
        MemoryScope scope, IReadOnlyList<string> terms, int top, MetadataFilter? filter, bool vectors, CancellationToken cancellationToken);

    private static IReadOnlyList<VectorSearchResult> Limited(IReadOnlyList<VectorSearchResult> results, VectorSearchOptions? options) =>
        options?.ScoreThreshold is { } least ? [.. results.Where(result => result.Score >= least)] : results;

    private void Check(MemoryScope scope, int top, VectorSearchOptions? options)
    {
        ArgumentNullException.ThrowIfNull(scope);
        if (top is < 1 or > MostResults) throw new UserInputException("top", $"{top} results are wanted; 1 to {MostResults} is allowed.");
        RecordCheck.Filter(Definition, options?.Filter);
    }
}
