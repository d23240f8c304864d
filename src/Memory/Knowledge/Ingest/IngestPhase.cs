namespace AgentKit.Memory.Knowledge.Ingest;

/// <summary>What an ingest is at.</summary>
public enum IngestPhase
{
    /// <summary>Reading, cutting and writing sources; counted in bytes.</summary>
    Reading,

    /// <summary>Making vectors; counted in chunks.</summary>
    Embedding,

    /// <summary>Linking vectors that are near each other; counted in vectors.</summary>
    Linking,

    /// <summary>Asking a model about chunks; counted in chunks.</summary>
    Enriching,
}
