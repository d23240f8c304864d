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

    private const double LexicalWeight = 0.2;

    private readonly VectorCache _vectors = new(path);

    public async Task<List<Hit>> RetrieveAsync(MemoryScope scope, string query, SearchOptions options, CancellationToken cancellationToken)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
        if (KnowledgeScopes.Find(connection, scope) is not { } id) return [];
        (string embedder, long generation) = KnowledgeScopes.State(connection, id);
        SearchMode mode = CheckedMode(options.Mode, embedder, query);
        float[]? vector = mode is SearchMode.Keyword ? null : await EmbedAsync(query, cancellationToken).ConfigureAwait(false);
        using VectorCache.Lease? lease = vector is null ? null : _vectors.Rent(connection, id, generation);
        DenseIndex? dense = lease is null ? null : new DenseIndex(lease.File, vector!);
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
                _ => Fusion.Fuse(
                    options.RrfK, (byWord, options.KeywordWeight), (byVector, options.DenseWeight ?? (embedder == LexicalEmbedder.Name ? LexicalWeight : 1))),
            };

            // 3. rerank
            List<Hit> hits = await RerankAsync(connection, id, query, candidates, dense, options, cancellationToken).ConfigureAwait(false);

            // 4. cite: what is returned names its document, place and text
            bool all = byWord.Count < count && byVector.Count < count;
            if (options.OnePerDocument) hits = [.. hits.DistinctBy(hit => hit.Source)];
            if (hits.Count < options.Count && !all && options.OnePerDocument) continue;
            return [.. hits.Take(options.Count).Select(hit => HitExpansion.Expand(connection, hit, options.ExpandTo))];
        }
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
            List<Hit> read = HitReader.Read(connection, scope, [.. candidates.Take(Math.Max(LeastCandidates, options.Count))]);
            IReadOnlyList<double> scores = await reranker.ScoreAsync(query, read, cancellationToken).ConfigureAwait(false);
            if (scores.Count != read.Count) throw new InvalidOperationException($"The reranker gave {scores.Count} scores for {read.Count} hits.");
            candidates = [.. read.Zip(scores, (hit, score) => new Candidate(hit.Id, score)).OrderByDescending(c => c.Score).ThenBy(c => c.Chunk)];
        }

        if (options.Diversity > 0 && dense is not null)
            candidates = Fusion.Diversify([.. candidates.Take(Math.Max(LeastCandidates, options.Count))], options.Count, options.Diversity, dense.Similarity);
        return HitReader.Read(connection, scope, options.OnePerDocument ? candidates : [.. candidates.Take(options.Count)]);
    }

    /// <summary>The mode, once it is certain that query, index and embedder have what it takes.</summary>
    private SearchMode CheckedMode(SearchMode? wanted, string embedder, string query)
    {
        bool hasTerms = Analyzer.TermsOf(query).Count > 0;
        SearchMode mode = wanted ?? (embedder.Length == 0 ? SearchMode.Keyword : SearchMode.Hybrid);
        if (!hasTerms && mode is not SearchMode.Dense)
            throw new UserInputException("query", $"The query '{query}' has no word that is indexed; the most frequent words alone are not.");
        if (mode is SearchMode.Keyword) return mode;
        if (embedder.Length == 0)
            throw new UserInputException("mode", $"The knowledge has no vectors, which a search with mode {mode} needs: add the documents with an embedder.");
        return embedder == knowledge.EmbedderName ? mode : throw new UserInputException(
            "Embedder", $"The vectors were made by '{embedder}', and the query's would be made by '{knowledge.EmbedderName ?? "nothing"}': "
            + "use the same embedder, search by keyword, or add the documents again.");
    }

    private async Task<float[]> EmbedAsync(string query, CancellationToken cancellationToken)
    {
        Embedding<float> vector = await knowledge.Embedder!.GenerateAsync(query, cancellationToken: cancellationToken).ConfigureAwait(false);
        return EmbeddingPass.Normalized(vector.Vector.Span);
    }
}
