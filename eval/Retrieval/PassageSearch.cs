using AgentKit.Memory;
using AgentKit.Memory.Knowledge;
using AgentKit.Memory.Knowledge.Ingest;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Retrieval;

/// <summary>Passages in a knowledge base of their own, which is gone afterwards: what is measured is the search that agents use.</summary>
internal sealed class PassageSearch : IDisposable
{
    private static readonly MemoryScope Scope = MemoryScope.Local("evaluation");

    private readonly DirectoryInfo _scratch;
    private readonly KnowledgeBase _knowledge;
    private readonly SearchMode _mode;

    private PassageSearch(DirectoryInfo scratch, KnowledgeBase knowledge, SearchMode mode) => (_scratch, _knowledge, _mode) = (scratch, knowledge, mode);

    /// <param name="passages">The passages; each is found by its source.</param>
    /// <param name="mode">How they are ranked.</param>
    /// <param name="embedder">Makes vectors, where the mode needs them.</param>
    /// <param name="cancellationToken">Cancels between passages.</param>
    public static async Task<PassageSearch> CreateAsync(
        IEnumerable<SourceText> passages, SearchMode mode, IEmbeddingGenerator<string, Embedding<float>>? embedder, CancellationToken cancellationToken)
    {
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("agentkit-eval-");
        PassageSearch? search = null;
        try
        {
            KnowledgeOptions options = new() { Embedder = embedder, EmbedderName = embedder is null ? null : "subject" };
            search = new(scratch, KnowledgeBase.Open(Path.Combine(scratch.FullName, "passages.db"), options), mode);
            await search._knowledge.IngestAsync(Scope, passages, cancellationToken: cancellationToken).ConfigureAwait(false);
            return search;
        }
        catch
        {
            if (search is null) scratch.Delete(recursive: true);
            else search.Dispose();
            throw;
        }
    }

    /// <summary>The sources of the best passages, best first, each once.</summary>
    public async Task<IReadOnlyList<string>> RankAsync(string query, int most, CancellationToken cancellationToken)
    {
        SearchOptions options = new() { Count = most, OnePerDocument = true, Mode = _mode, Exact = true };
        return [.. (await _knowledge.SearchAsync(Scope, query, options, cancellationToken).ConfigureAwait(false)).Select(hit => hit.Source)];
    }

    public void Dispose()
    {
        _knowledge.Dispose();
        _scratch.Delete(recursive: true);
    }
}
