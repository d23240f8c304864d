using AgentKit.Memory.Knowledge.Chunking;
using Microsoft.Extensions.AI;

namespace AgentKit.Memory.Knowledge;

/// <summary>How a <see cref="KnowledgeBase"/> reads documents.</summary>
public sealed record KnowledgeOptions
{
    /// <summary>How documents are cut. Documents cut in another way are cut anew when they are added again.</summary>
    public ChunkingOptions Chunking { get; init; } = new();

    /// <summary>Counts tokens for the limit of a chunk; a careful estimate when <c>null</c>.</summary>
    public TokenCounter? TokenCounter { get; init; }

    /// <summary>Names the tokenizer behind <see cref="TokenCounter"/>, so that documents are cut anew when it is another one.</summary>
    public string TokenCounterName { get; init; } = "estimate";

    /// <summary>
    /// Makes the vectors of chunks and queries; without one, search is by keyword. <see cref="Vectors.LexicalEmbedder"/> needs no model.
    /// </summary>
    public IEmbeddingGenerator<string, Embedding<float>>? Embedder { get; init; }

    /// <summary>
    /// Names the model behind <see cref="Embedder"/>: vectors of different names are not compared. When <c>null</c>, what its metadata says. Empty without an
    /// embedder: an ingest removes the vectors that are there.
    /// </summary>
    public string? EmbedderName
    {
        get => field ?? (Embedder?.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata)?.DefaultModelId
            ?? Embedder?.GetType().Name;
        init;
    }

    /// <summary>
    /// Tokens the embedder takes at most, by <see cref="TokenCounter"/>: where title and headings, which are embedded with a chunk, leave less room than
    /// <see cref="ChunkingOptions.MaxTokens"/>, chunks are cut shorter.
    /// </summary>
    /// <value>64 or more; no limit when <c>null</c>.</value>
    public int? EmbedderTokens
    {
        get;
        init => field = value is null or >= 64 ? value : throw new ArgumentOutOfRangeException(nameof(EmbedderTokens), value, "64 or more");
    }

    /// <summary>
    /// Asks a model for a context of each chunk. Without it chunks that have a context keep it as long as they stay as they are, and new ones get none.
    /// </summary>
    public EnrichmentOptions? Enrichment { get; init; }

    /// <summary>
    /// From so many vectors on, an ingest ends with linking near ones, and searches follow the links instead of looking at every vector. Searches
    /// that are exact, or whose filter leaves few documents, still do.
    /// </summary>
    /// <value>1 or more.</value>
    public int LinkFrom
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(LinkFrom), value, "1 or more");
    } = 1_000_000;

    /// <summary>Larger files are not read but reported.</summary>
    /// <value>Bytes, 1 to 1 GiB.</value>
    public long MaxFileBytes
    {
        get;
        init => field = value is >= 1 and <= 1L << 30 ? value : throw new ArgumentOutOfRangeException(nameof(MaxFileBytes), value, "1..2^30");
    } = 256L * 1024 * 1024;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
