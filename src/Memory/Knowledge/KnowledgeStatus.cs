namespace AgentKit.Memory.Knowledge;

/// <summary>What is indexed in a scope.</summary>
/// <param name="Documents">Documents.</param>
/// <param name="Chunks">Chunks of all documents.</param>
/// <param name="Bytes">Bytes of the documents' sources.</param>
/// <param name="Kinds">Documents by kind.</param>
/// <param name="LastRead">When a source was read last; <c>null</c> when there is none.</param>
/// <param name="Embedder">What made the vectors; empty when there are none and search is by keyword.</param>
/// <param name="Vectors">Chunks that have a vector.</param>
/// <param name="FileBytes">Size of the knowledge file, which may hold other scopes too.</param>
public sealed record KnowledgeStatus(
    int Documents, int Chunks, long Bytes, IReadOnlyDictionary<string, int> Kinds, DateTimeOffset? LastRead, string Embedder, int Vectors, long FileBytes)
{
    /// <summary>Chunks that have a context; see <see cref="EnrichmentOptions"/>.</summary>
    public int Contexts { get; init; }
}
