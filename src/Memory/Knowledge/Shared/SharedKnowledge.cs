using System.Globalization;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Memory.Stores;
using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Knowledge.Shared;

/// <summary>
/// Knowledge in a store that many machines search: chunks of a knowledge base, published by the machine that reads the documents. The knowledge
/// base stays the truth; publishing makes a scope of the store equal to it and sends only what differs. Each embedder has a collection of its own.
/// </summary>
public sealed class SharedKnowledge
{
    private const int ChunksAtOnce = 64;
    private const int LeastCandidates = 100;

    private readonly VectorStoreCollection _records;
    private readonly IEmbeddingGenerator<string, Embedding<float>>? _embedder;
    private readonly double _vectorWeight;

    private SharedKnowledge(VectorStoreCollection records, KnowledgeOptions? options)
    {
        (_records, _embedder) = (records, options?.Embedder);
        _vectorWeight = options?.EmbedderName == LexicalEmbedder.Name ? Retriever.LexicalWeight : 1;
    }

    /// <summary>Opens the knowledge of a store.</summary>
    /// <param name="store">The store, which stays the caller's.</param>
    /// <param name="options">The embedder and its name; without one, search is by keyword.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<SharedKnowledge> OpenAsync(VectorStore store, KnowledgeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        int dimensions = 0;
        if (options?.Embedder is { } embedder)
            dimensions = (await embedder.GenerateAsync(["dimensions"], cancellationToken: cancellationToken).ConfigureAwait(false))[0].Vector.Length;
        VectorStoreCollection records = store.GetCollection(ChunkRecords.Shape(options?.Embedder is null ? "keyword" : options.EmbedderName!, dimensions));
        return new SharedKnowledge(records, options);
    }

    /// <summary>Makes a scope of the store equal to a knowledge base. When it ends early, the same call goes on.</summary>
    /// <param name="scope">The scope in the store.</param>
    /// <param name="knowledgeFile">The knowledge base's file.</param>
    /// <param name="source">The scope in the file.</param>
    /// <param name="progress">Told the number of chunks looked at so far.</param>
    /// <param name="cancellationToken">Ends it between two groups of chunks.</param>
    public async Task<PublishReport> PublishAsync(
        MemoryScope scope, string knowledgeFile, MemoryScope source, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        await _records.EnsureCollectionExistsAsync(cancellationToken).ConfigureAwait(false);
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (VectorStoreRecord record in _records.ListAsync(scope, null, null, cancellationToken).ConfigureAwait(false))
            known.Add(record.Key, record.Keyword(ChunkRecords.Stamp)!);
        (int chunks, int sent) = (0, 0);
        foreach (VectorStoreRecord[] group in ChunkRecords.Read(knowledgeFile, source).Chunk(ChunksAtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            VectorStoreRecord[] changed = [.. group.Where(chunk => known.GetValueOrDefault(chunk.Key) != chunk.Keyword(ChunkRecords.Stamp))];
            if (changed.Length > 0)
                await _records.UpsertAsync(scope, await WithVectorsAsync(changed, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            foreach (VectorStoreRecord chunk in group) known.Remove(chunk.Key);
            (chunks, sent) = (chunks + group.Length, sent + changed.Length);
            progress?.Report(chunks);
        }

        // Last: until here a search finds what was there before or what is new, never less.
        foreach (string[] gone in known.Keys.Chunk(ChunksAtOnce)) await _records.DeleteAsync(scope, gone, cancellationToken).ConfigureAwait(false);
        return new PublishReport(chunks, sent, known.Count);
    }

    /// <summary>Searches a scope of the store.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="query">Words, a question.</param>
    /// <param name="options">As for a knowledge base; diversity and expansion are not offered.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Hits, best first.</returns>
    /// <exception cref="UserInputException">Nothing was published there, vectors are wanted and there is no embedder, or an option is not offered.</exception>
    public async Task<IReadOnlyList<Hit>> SearchAsync(
        MemoryScope scope, string query, SearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(query);
        options ??= new SearchOptions();
        if (options.Diversity > 0 || options.ExpandTo > 0)
            throw new UserInputException("options", "Diversity and expansion need the knowledge base itself; in a store they are not offered.");
        int count = options.OnePerDocument || options.Reranker is not null ? Math.Max(LeastCandidates, options.Count * 4) : options.Count;
        IReadOnlyList<VectorSearchResult> found = await FindAsync(scope, query, count, options, cancellationToken).ConfigureAwait(false);
        IEnumerable<Hit> hits = found.Select(ChunkRecords.ToHit);
        if (options.Reranker is { } reranker)
        {
            Hit[] candidates = [.. hits.Take(Math.Max(options.RerankCount, options.Count))];
            IReadOnlyList<double> scores = await reranker.ScoreAsync(query, candidates, cancellationToken).ConfigureAwait(false);
            hits = candidates.Zip(scores, (hit, score) => hit with { Score = score }).OrderByDescending(hit => hit.Score);
        }

        return [.. (options.OnePerDocument ? hits.DistinctBy(hit => hit.Source) : hits).Take(options.Count)];
    }

    private async Task<IReadOnlyList<VectorSearchResult>> FindAsync(
        MemoryScope scope, string query, int count, SearchOptions options, CancellationToken cancellationToken)
    {
        SearchMode mode = options.Mode ?? (_embedder is null ? SearchMode.Keyword : SearchMode.Hybrid);
        MetadataFilter? filter = ChunkRecords.Filter(options.Filter);
        var plain = new VectorSearchOptions { Filter = filter };
        if (mode is SearchMode.Keyword) return await _records.KeywordSearchAsync(scope, query, count, plain, cancellationToken).ConfigureAwait(false);
        if (_embedder is null) throw new UserInputException("mode", $"A search with mode {mode} needs an embedder.");
        ReadOnlyMemory<float> vector = (await _embedder.GenerateAsync([query], cancellationToken: cancellationToken).ConfigureAwait(false))[0].Vector;
        if (mode is SearchMode.Dense) return await _records.SearchAsync(scope, vector, count, plain, cancellationToken).ConfigureAwait(false);
        var hybrid = new HybridSearchOptions
        {
            Filter = filter, RrfK = options.RrfK, KeywordWeight = options.KeywordWeight, VectorWeight = options.DenseWeight ?? _vectorWeight,
        };
        return await _records.HybridSearchAsync(scope, vector, query, count, hybrid, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IEnumerable<VectorStoreRecord>> WithVectorsAsync(VectorStoreRecord[] chunks, CancellationToken cancellationToken)
    {
        if (_embedder is null) return chunks;
        GeneratedEmbeddings<Embedding<float>> made =
            await _embedder.GenerateAsync(chunks.Select(chunk => chunk.Text), cancellationToken: cancellationToken).ConfigureAwait(false);
        if (made.Count != chunks.Length)
        {
            throw new UserInputException(
                "Embedder", string.Create(CultureInfo.InvariantCulture, $"The embedder gave {made.Count} vectors for {chunks.Length} texts."));
        }

        return chunks.Zip(made, (chunk, vector) => chunk with { Vector = vector.Vector });
    }
}
