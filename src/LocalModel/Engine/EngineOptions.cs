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

    /// <summary>Sequence ids: as many again as can run keep the KV of finished requests for reuse.</summary>
    public int SequenceIds => Math.Min(MostSequences, Parallel * 2);
}
