using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Knowledge.Store;
using AgentKit.Memory.Knowledge.Terms;
using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Knowledge;

/// <summary>Finds what a query asks for in one scope. All steps see one state of the file.</summary>
internal sealed class Retriever(string path, KnowledgeOptions knowledge) : IDisposable
{
    /// <summary>Candidates of each part; fusion and reranking need more than are returned.</summary>
    private const int LeastCandidates = 100;

    /// <summary>Weight of vectors of letters beside keywords, where none is given.</summary>
    public const double LexicalWeight = 0.2;

    private readonly VectorCache _vectors = new(path);

    /// <summary>The hits of each query. All queries see the same state; their vectors are made in one go.</summary>
    public async Task<IReadOnlyList<Hit>[]> RetrieveAsync(
        MemoryScope scope, IReadOnlyList<string> queries, SearchOptions options, CancellationToken cancellationToken)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
        if (KnowledgeScopes.Find(connection, scope) is not { } id) return [.. queries.Select(_ => Array.Empty<Hit>())];
        (string embedder, long generation) = KnowledgeScopes.State(connection, id);
        SearchMode mode = options.Mode ?? (embedder.Length == 0 ? SearchMode.Keyword : SearchMode.Hybrid);
        foreach (string query in queries) Check(mode, embedder, query);
        float[][]? vectors = mode is SearchMode.Keyword || queries.Count == 0 ? null : await EmbedAsync(queries, cancellationToken).ConfigureAwait(false);
        using VectorCache.Lease? lease = vectors is null ? null : _vectors.Rent(connection, id, generation, embedder);
        var found = new IReadOnlyList<Hit>[queries.Count];
        for (int i = 0; i < found.Length; i++)
        {
            DenseIndex? dense = lease is null ? null : new DenseIndex(lease.File, lease.Graph, vectors![i]);
            var search = new OneSearch(connection, id, queries[i], mode, dense, embedder == LexicalEmbedder.Name ? LexicalWeight : 1);
            found[i] = await RetrieveAsync(search, options, cancellationToken).ConfigureAwait(false);
        }

        return found;
    }

    private static async Task<IReadOnlyList<Hit>> RetrieveAsync(OneSearch search, SearchOptions options, CancellationToken cancellationToken)
    {
        (SqliteConnection connection, long id, string query, SearchMode mode, DenseIndex? dense, double denseWeight) = search;
        for (int count = Math.Max(LeastCandidates, options.Count * (options.OnePerDocument ? 4 : 1)); ; count *= 4)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // 1. candidates by keyword and by vector
            List<Candidate> byWord = mode is SearchMode.Dense ? [] : KeywordIndex.Search(connection, id, query, count, options.Filter);
            List<Candidate> byVector = dense is null ? [] : dense.Search(connection, id, count, options);

            // 2. fuse
            List<Candidate> candidates = mode switch
            {
                SearchMode.Keyword => byWord,
                SearchMode.Dense => byVector,
                _ => Fusion.Fuse(options.RrfK, (byWord, options.KeywordWeight), (byVector, options.DenseWeight ?? denseWeight)),
            };

            // 3. rerank
            List<Hit> hits = await RerankAsync(connection, id, query, candidates, dense, options, cancellationToken).ConfigureAwait(false);

            // 4. cite: what is returned names its document, place and text
            bool all = byWord.Count < count && byVector.Count < count;
            if (options.OnePerDocument) hits = [.. hits.DistinctBy(hit => hit.Source)];
            if (hits.Count < options.Count && !all && options.OnePerDocument && candidates.Count < LookedAt(options, dense)) continue;
            return [.. hits.Take(options.Count).Select(hit => HitExpansion.Expand(connection, hit, options.ExpandTo))];
        }
    }

    /// <summary>How many candidates the last step looks at: more of them would change nothing, and ask a model the same once more.</summary>
    private static int LookedAt(SearchOptions options, DenseIndex? dense) =>
        options.Reranker is not null ? Math.Max(options.RerankCount, options.Count)
        : options.Diversity > 0 && dense is not null ? Math.Max(LeastCandidates, options.Count) : int.MaxValue;

    /// <summary>Links the vectors of a scope, if there are so many that searches should follow links.</summary>
    public void Link(MemoryScope scope, IProgress<IngestProgress>? progress, CancellationToken cancellationToken)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
        if (KnowledgeScopes.Find(connection, scope) is not { } id) return;
        (string embedder, long generation) = KnowledgeScopes.State(connection, id);
        if (embedder.Length == 0) return;
        void Report(int done, int total) => progress?.Report(new IngestProgress(IngestPhase.Linking, done, total));
        _vectors.Link(connection, id, generation, embedder, knowledge.LinkFrom, Report, cancellationToken);
    }

    public void Dispose() => _vectors.Dispose();

    private static async Task<List<Hit>> RerankAsync(
        SqliteConnection connection,
        long scope,
        string query,
        List<Candidate> candidates,
        DenseIndex? dense,
        SearchOptions options,
        CancellationToken cancellationToken)
    {
        if (options.Reranker is { } reranker)
        {
            List<Hit> read = HitReader.Read(connection, scope, [.. candidates.Take(LookedAt(options, dense))]);
            IReadOnlyList<double> scores = await reranker.ScoreAsync(query, read, cancellationToken).ConfigureAwait(false);
            if (scores.Count != read.Count) throw new InvalidOperationException($"The reranker gave {scores.Count} scores for {read.Count} hits.");
            candidates = [.. read.Zip(scores, (hit, score) => new Candidate(hit.Id, score)).OrderByDescending(c => c.Score).ThenBy(c => c.Chunk)];
        }

        if (options.Diversity > 0 && dense is not null)
            candidates = Fusion.Diversify([.. candidates.Take(Math.Max(LeastCandidates, options.Count))], options.Count, options.Diversity, dense.Similarity);
        return HitReader.Read(connection, scope, options.OnePerDocument ? candidates : [.. candidates.Take(options.Count)]);
    }

    /// <summary>Makes sure that query, index and embedder have what the mode takes.</summary>
    private void Check(SearchMode mode, string embedder, string query)
    {
        if (mode is not SearchMode.Dense && Analyzer.TermsOf(query).Count == 0)
            throw new UserInputException("query", $"The query '{query}' has no word that is indexed; the most frequent words alone are not.");
        if (mode is SearchMode.Keyword) return;
        if (embedder.Length == 0)
            throw new UserInputException("mode", $"The knowledge has no vectors, which a search with mode {mode} needs: add the documents with an embedder.");
        if (embedder != knowledge.EmbedderName)
        {
            throw new UserInputException(
                "Embedder", $"The vectors were made by '{embedder}', and the query's would be made by '{knowledge.EmbedderName ?? "nothing"}': "
                + "use the same embedder, search by keyword, or add the documents again.");
        }
    }

    private async Task<float[][]> EmbedAsync(IReadOnlyList<string> queries, CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<Embedding<float>> vectors = await knowledge.Embedder!.GenerateAsync(queries, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (vectors.Count != queries.Count)
            throw new UserInputException("Embedder", $"The embedder gave {vectors.Count} vectors for {queries.Count} texts.");
        return [.. vectors.Select(vector => EmbeddingPass.Normalized(vector.Vector.Span))];
    }

    /// <summary>A query with what it is compared with.</summary>
    private sealed record OneSearch(SqliteConnection Connection, long Scope, string Query, SearchMode Mode, DenseIndex? Dense, double DenseWeight);
}
