using System.Diagnostics;
using AgentKit.Models.Gguf;
using AgentKit.Models.Native;

namespace AgentKit.Models.Engine;

/// <summary>One llama.cpp context and its KV memory. Used by the engine's owner thread only.</summary>
internal sealed unsafe class EngineContext : IDisposable
{
    private readonly ContextHandle _context;
    private readonly nint _memory;
    private readonly int _vocabularySize;
    private readonly ThreadGovernor? _governor;
    private int _scope;

    /// <exception cref="NativeRuntimeException">llama.cpp refused the sizes or is out of memory.</exception>
    public EngineContext(ModelHandle model, Tokenizer tokenizer, EngineOptions options)
    {
        LlamaContextParams parameters = LlamaApi.ContextDefaultParams();
        parameters.ContextLength = (uint)options.Cells;
        parameters.BatchSize = (uint)options.BatchSize;
        parameters.MicroBatchSize = (uint)options.BatchSize;
        parameters.MaxSequences = (uint)options.SequenceIds;
        // Without this the compute buffer holds logits for every token of a batch: 300 MB at a vocabulary of 152k.
        parameters.MaxOutputs = (uint)(options.SequenceIds + options.ExtraOutputs(tokenizer.VocabularySize));
        parameters.Threads = options.Threads;
        parameters.BatchThreads = options.Threads;
        // One pool of cells for all sequences: a shared prefix is stored once.
        parameters.UnifiedKv = 1;
        parameters.KeyType = parameters.ValueType = (int)TypeOf(options.KvType);
        NativeLog.TakeComplaints();
        _context = ContextHandle.Create(model, parameters);
        if (_context.IsInvalid)
        {
            throw new NativeRuntimeException(
                $"llama.cpp could not create a context of {options.Cells:N0} tokens for {options.Parallel} sequences. {NativeLog.TakeComplaints()}");
        }

        _governor = options.AdaptThreads ? new(options.Threads) : null;
        _memory = LlamaApi.GetMemory(_context);
        _vocabularySize = tokenizer.VocabularySize;
        // Recurrent state is one blob a sequence: it cannot be cut back to an earlier position.
        CanTrim = !LlamaApi.ModelIsRecurrent(model) && !LlamaApi.ModelIsHybrid(model);
        // llama.cpp rotates quantized keys in place by way of a kernel that crashes on heads that are not a multiple of 64 long.
        CanShift = CanTrim && _memory != 0 && LlamaApi.MemoryCanShift(_memory) && options.KvType == KvType.F16;
    }

    /// <summary>Whether the model can generate; an embedding model has no KV memory.</summary>
    public bool CanGenerate => _memory != 0;

    /// <summary>Whether the end of a sequence can be removed.</summary>
    public bool CanTrim { get; }

    /// <summary>Whether tokens can move to earlier positions without being computed again.</summary>
    public bool CanShift { get; }

    /// <summary>Makes adapters active for the next decode.</summary>
    public void Use(AdapterSet set)
    {
        if (set.Scope == _scope)
        {
            return;
        }

        nint* adapters = stackalloc nint[set.Adapters.Count];
        float* scales = stackalloc float[set.Adapters.Count];
        for (int i = 0; i < set.Adapters.Count; i++)
        {
            adapters[i] = set.Adapters[i].Adapter.Native;
            scales[i] = set.Adapters[i].Scale;
        }

        LlamaApi.SetAdapters(_context, adapters, (nuint)set.Adapters.Count, scales);
        _scope = set.Scope;
    }

    /// <summary>Runs the model over a batch. <c>false</c>: no room in the KV memory, nothing has changed.</summary>
    /// <exception cref="NativeRuntimeException">Decoding failed.</exception>
    public bool TryDecode(TokenBatch batch)
    {
        long start = Stopwatch.GetTimestamp();
        if (_governor is not null)
        {
            int threads = _governor.Choose(batch.Count);
            LlamaApi.SetThreads(_context, threads, threads);
        }

        int status = LlamaApi.Decode(_context, batch.AsNative());
        _governor?.Record(batch.Count, Stopwatch.GetElapsedTime(start));
        return status switch
        {
            0 => true,
            1 => false,
            _ => throw new NativeRuntimeException($"llama.cpp failed to decode (status {status}). {NativeLog.TakeComplaints()}"),
        };
    }

    /// <summary>The logits of a batch entry that was added with output; valid until the next decode.</summary>
    public Span<float> Logits(int batchIndex)
    {
        float* row = LlamaApi.GetLogits(_context, batchIndex);
        return row is null
            ? throw new NativeRuntimeException($"llama.cpp returned no logits for batch entry {batchIndex}.")
            : new(row, _vocabularySize);
    }

    /// <summary>Removes a sequence's tokens from a position on.</summary>
    public void Trim(int sequence, int from)
    {
        if (!LlamaApi.MemorySequenceRemove(_memory, sequence, from, -1))
        {
            throw new NativeRuntimeException($"llama.cpp could not remove the end of sequence {sequence}.");
        }
    }

    /// <summary>Lets a sequence share the first tokens of another; cells are shared, not copied.</summary>
    public void SharePrefix(int source, int destination, int length) =>
        LlamaApi.MemorySequenceCopy(_memory, source, destination, 0, length);

    /// <summary>Moves a sequence's tokens from a position on to earlier positions.</summary>
    /// <param name="sequence">The sequence; nobody shares these tokens with it.</param>
    /// <param name="from">The first position to move.</param>
    /// <param name="distance">How far; the positions in between are removed first.</param>
    public void Shift(int sequence, int from, int distance)
    {
        if (!LlamaApi.MemorySequenceRemove(_memory, sequence, from - distance, from))
        {
            throw new NativeRuntimeException($"llama.cpp could not remove the middle of sequence {sequence}.");
        }

        LlamaApi.MemorySequenceShift(_memory, sequence, from, -1, -distance);
    }

    /// <summary>Bytes that <see cref="Save"/> needs for a sequence.</summary>
    public long StateBytes(int sequence) => (long)LlamaApi.SequenceStateSize(_context, sequence);

    /// <summary>Copies a sequence's KV to main memory.</summary>
    public byte[] Save(int sequence)
    {
        byte[] state = GC.AllocateUninitializedArray<byte>(checked((int)StateBytes(sequence)));
        fixed (byte* destination = state)
        {
            nuint written = LlamaApi.SequenceStateGet(_context, destination, (nuint)state.Length, sequence);
            return written == (nuint)state.Length
                ? state
                : throw new NativeRuntimeException($"llama.cpp saved {written} bytes of sequence {sequence}, not {state.Length}. {NativeLog.TakeComplaints()}");
        }
    }

    /// <summary>Fills an empty sequence from what <see cref="Save"/> returned. <c>false</c>: there is no room or the bytes are damaged.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="state">Its saved KV.</param>
    /// <param name="tokens">How many tokens it must have.</param>
    public bool Restore(int sequence, byte[] state, int tokens)
    {
        fixed (byte* source = state)
        {
            return LlamaApi.SequenceStateSet(_context, source, (nuint)state.Length, sequence) > 0
                && LlamaApi.MemorySequenceLastPosition(_memory, sequence) == tokens - 1;
        }
    }

    public void Dispose() => _context.Dispose();

    /// <summary>How llama.cpp calls a KV type.</summary>
    public static GgmlType TypeOf(KvType type) => type switch
    {
        KvType.F16 => GgmlType.F16,
        KvType.Q8_0 => GgmlType.Q8_0,
        _ => GgmlType.Q4_0,
    };
}
