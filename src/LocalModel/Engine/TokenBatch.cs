using System.Runtime.InteropServices;
using AgentKit.Models.Native;

namespace AgentKit.Models.Engine;

/// <summary>The arrays behind one <c>llama_batch</c>, allocated once. Every token belongs to one sequence.</summary>
internal sealed unsafe class TokenBatch : IDisposable
{
    private readonly int _vocabularySize;
    private readonly int* _tokens;
    private readonly int* _positions;
    private readonly int* _counts;
    private readonly int* _ids;
    private readonly int** _idPointers;
    private readonly sbyte* _outputs;
    private readonly int _extraOutputs;
    private int _freeExtraOutputs;

    /// <param name="capacity">Most tokens.</param>
    /// <param name="vocabularySize">Tokens there are.</param>
    /// <param name="extraOutputs">Rows of logits beyond the one that every sequence may have.</param>
    public TokenBatch(int capacity, int vocabularySize, int extraOutputs = 0)
    {
        Capacity = capacity;
        _extraOutputs = extraOutputs;
        _vocabularySize = vocabularySize;
        nuint count = (nuint)capacity;
        _tokens = (int*)NativeMemory.Alloc(count, sizeof(int));
        _positions = (int*)NativeMemory.Alloc(count, sizeof(int));
        _counts = (int*)NativeMemory.Alloc(count, sizeof(int));
        _ids = (int*)NativeMemory.Alloc(count, sizeof(int));
        _idPointers = (int**)NativeMemory.Alloc(count, (nuint)sizeof(int*));
        _outputs = (sbyte*)NativeMemory.Alloc(count, sizeof(sbyte));
        for (int i = 0; i < capacity; i++)
        {
            _counts[i] = 1;
            _idPointers[i] = _ids + i;
        }
    }

    public int Capacity { get; }

    public int Count { get; private set; }

    public int Free => Capacity - Count;

    public void Clear()
    {
        Count = 0;
        _freeExtraOutputs = _extraOutputs;
    }

    /// <summary>Asks for one more row of logits than the one that every sequence may have.</summary>
    public bool TryTakeExtraOutput() => _freeExtraOutputs > 0 && _freeExtraOutputs-- > 0;

    /// <summary>Adds a token and returns its index in the batch.</summary>
    /// <param name="token">In the vocabulary: llama.cpp refuses a whole batch for one bad token.</param>
    /// <param name="position">Position in its sequence.</param>
    /// <param name="sequence">Sequence id.</param>
    /// <param name="output">Whether its logits are wanted.</param>
    public int Add(int token, int position, int sequence, bool output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Count, Capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (uint)_vocabularySize);
        _tokens[Count] = token;
        _positions[Count] = position;
        _ids[Count] = sequence;
        _outputs[Count] = output ? (sbyte)1 : (sbyte)0;
        return Count++;
    }

    public LlamaBatch AsNative() => new()
    {
        TokenCount = Count,
        Tokens = _tokens,
        Positions = _positions,
        SequenceCounts = _counts,
        SequenceIds = _idPointers,
        Outputs = _outputs,
    };

    public void Dispose()
    {
        NativeMemory.Free(_tokens);
        NativeMemory.Free(_positions);
        NativeMemory.Free(_counts);
        NativeMemory.Free(_ids);
        NativeMemory.Free(_idPointers);
        NativeMemory.Free(_outputs);
    }
}
