namespace AgentKit.Models.Engine;

/// <summary>The sizes an engine works with, already checked against the model and the machine.</summary>
/// <param name="ContextLength">Most tokens one sequence may hold.</param>
/// <param name="Cells">KV cells shared by all sequences.</param>
/// <param name="Parallel">Most sequences that run at once.</param>
/// <param name="BatchSize">Most tokens of one decode call.</param>
/// <param name="Threads">Threads of a decode call.</param>
/// <param name="AdaptThreads">Whether fewer threads may be used while other work occupies the cores.</param>
internal sealed record EngineOptions(int ContextLength, int Cells, int Parallel, int BatchSize, int Threads, bool AdaptThreads = false)
{
    private const int MostSequences = 256;
    private const int FewestKept = 4;

    /// <summary>Rows of logits are as wide as the vocabulary: this bounds what guesses and scores may take.</summary>
    private const int ExtraOutputBytes = 32 << 20;

    /// <summary>How keys and values are stored.</summary>
    public KvType KvType { get; init; }

    /// <summary>Most bytes of main memory for the KV of earlier requests.</summary>
    public long StoredPrefixBytes { get; init; }

    /// <summary>Most requests that may wait.</summary>
    public int QueueLimit { get; init; } = 1000;

    /// <summary>
    /// Sequence ids: some more than can run keep the KV of finished requests for reuse. Not many more: attention looks at the mask of every
    /// cell in use, and what goes to main memory comes back with one copy.
    /// </summary>
    public int SequenceIds => Math.Min(MostSequences, Parallel + Math.Max(FewestKept, Parallel / 4));

    /// <summary>Rows of logits a batch may ask for beyond one for each sequence.</summary>
    public int ExtraOutputs(int vocabularySize) =>
        Math.Max(0, Math.Min(BatchSize - SequenceIds, ExtraOutputBytes / (vocabularySize * sizeof(float))));
}
