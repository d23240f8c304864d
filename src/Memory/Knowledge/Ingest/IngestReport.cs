namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>What an ingest did.</summary>
public sealed record IngestReport
{
    /// <summary>Documents that are new.</summary>
    public int Added { get; init; }

    /// <summary>Documents whose content, metadata or way of cutting has changed.</summary>
    public int Updated { get; init; }

    /// <summary>Documents that are as they were.</summary>
    public int Unchanged { get; init; }

    /// <summary>Documents whose source is gone, or can no longer be read as what it is.</summary>
    public int Removed { get; init; }

    /// <summary>Chunks that were written; chunks whose text stayed the same are not.</summary>
    public int ChunksWritten { get; init; }

    /// <summary>Chunks that have got a context; see <see cref="EnrichmentOptions"/>.</summary>
    public int ChunksEnriched { get; init; }

    /// <summary>Documents of which chunks have got no context because the model gave none. They are indexed without; the next ingest asks again.</summary>
    public IReadOnlyList<IngestFault> NotEnriched { get; init; } = [];

    /// <summary>
    /// Documents of which chunks have got no vector because the embedder refused them, as too long with title, headings and context. They are found by
    /// keyword; the next ingest asks again.
    /// </summary>
    public IReadOnlyList<IngestFault> NotEmbedded { get; init; } = [];

    /// <summary>Bytes of the documents that were added or updated.</summary>
    public long BytesRead { get; init; }

    /// <summary>Sources that could not be taken in. Everything else was.</summary>
    public IReadOnlyList<IngestFault> Faults { get; init; } = [];

    /// <summary>Files in folders that are of no kind that is read: their number by the end of the name.</summary>
    public IReadOnlyDictionary<string, int> Skipped { get; init; } = new Dictionary<string, int>();
}
