namespace AgentKit.Models;

/// <summary>The settings a model was opened with, chosen ones included.</summary>
/// <param name="ContextLength">Most tokens of one conversation.</param>
/// <param name="KvCells">Tokens the KV memory holds for all conversations together.</param>
/// <param name="Parallel">Most requests decoded together.</param>
/// <param name="Threads">Threads of a decode call.</param>
/// <param name="GpuLayers">Layers kept on GPUs.</param>
/// <param name="BatchSize">Most tokens of one decode call.</param>
/// <param name="Notes">What was chosen smaller than wished, and why.</param>
public sealed record ModelSettings(
    int ContextLength, int KvCells, int Parallel, int Threads, int GpuLayers, int BatchSize, IReadOnlyList<string> Notes)
{
    /// <summary>How keys and values are stored.</summary>
    public KvType KvType { get; init; }

    /// <summary>Whether the matrices of experts stay in main memory.</summary>
    public bool ExpertsInMainMemory { get; init; }

    /// <summary>Main memory that the KV of earlier prompts may take, in bytes.</summary>
    public long PromptCacheBytes { get; init; }
}
