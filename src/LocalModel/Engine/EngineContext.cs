using System.Diagnostics;
using AgentKit.Models.Native;

namespace AgentKit.Models.Engine;

/// <summary>One llama.cpp context and its KV memory. Used by the engine's owner thread only.</summary>
internal sealed unsafe class EngineContext : IDisposable
{
    private readonly ContextHandle _context;
    private readonly nint _memory;
    private readonly int _vocabularySize;
    private readonly ThreadGovernor? _governor;

    /// <exception cref="NativeRuntimeException">llama.cpp refused the sizes or is out of memory.</exception>
    public EngineContext(ModelHandle model, Tokenizer tokenizer, EngineOptions options)
    {
        LlamaContextParams parameters = LlamaApi.ContextDefaultParams();
        parameters.ContextLength = (uint)options.Cells;
        parameters.BatchSize = (uint)options.BatchSize;
        parameters.MicroBatchSize = (uint)options.BatchSize;
        parameters.MaxSequences = (uint)options.SequenceIds;
        // Without this the compute buffer holds logits for every token of a batch: 300 MB at a vocabulary of 152k.
        parameters.MaxOutputs = (uint)options.SequenceIds;
        parameters.Threads = options.Threads;
        parameters.BatchThreads = options.Threads;
        // One pool of cells for all sequences: a shared prefix is stored once.
        parameters.UnifiedKv = 1;
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
    }

    /// <summary>Whether the model can generate; an embedding model has no KV memory.</summary>
    public bool CanGenerate => _memory != 0;

    /// <summary>Whether the end of a sequence can be removed.</summary>
    public bool CanTrim { get; }

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

    public void Dispose() => _context.Dispose();
}
