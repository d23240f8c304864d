using System.Runtime.InteropServices;

namespace AgentKit.Models.Native;

/// <summary><c>llama_batch</c> of llama.cpp v0.5.0, 56 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LlamaBatch
{
    public int TokenCount;
    public int* Tokens;
    public float* Embeddings;
    public int* Positions;
    public int* SequenceCounts;
    public int** SequenceIds;
    public sbyte* Outputs;
}
