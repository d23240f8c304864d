using System.Numerics;
using AgentKit.Models.Native;

namespace AgentKit.Models.Engine;

/// <summary>
/// Computes one vector for each text by pooling, several texts to a decode call. Has a context of its own, made when first needed and made larger when a longer
/// text arrives, because a text must fit one batch. Used by the engine's owner thread only.
/// </summary>
internal sealed unsafe class Embedder(ModelHandle model, Tokenizer tokenizer, int threads) : IDisposable
{
    private const int SmallestBatch = 512;
    private const int TextsPerBatch = 32;
    private const int PoolingNone = 0;
    private const int PoolingMean = 1;
    private const int PoolingRank = 4;

    private ContextHandle? _context;
    private TokenBatch? _batch;

    /// <summary>Pools texts.</summary>
    /// <param name="texts">Tokens of each text, none empty.</param>
    /// <returns>One vector for each text: [embedding_length], or the scores of a ranking model's head.</returns>
    /// <exception cref="NativeRuntimeException">llama.cpp refused the context or failed.</exception>
    public float[][] Pool(IReadOnlyList<int[]> texts)
    {
        EnsureCapacity(texts.Max(t => t.Length));
        float[][] vectors = new float[texts.Count][];
        for (int first = 0; first < texts.Count;)
        {
            int last = first;
            _batch!.Clear();
            while (last < texts.Count && last - first < TextsPerBatch && texts[last].Length <= _batch.Free)
            {
                for (int i = 0; i < texts[last].Length; i++)
                {
                    _batch.Add(texts[last][i], i, last - first, output: true);
                }

                last++;
            }

            Decode();
            for (int text = first; text < last; text++)
            {
                vectors[text] = Vector(text - first);
            }

            first = last;
        }

        return vectors;
    }

    public void Dispose()
    {
        _context?.Dispose();
        _batch?.Dispose();
    }

    private void Decode()
    {
        nint memory = LlamaApi.GetMemory(_context!);
        if (memory != 0)
        {
            LlamaApi.MemoryClear(memory, data: false);
        }

        int status = LlamaApi.Decode(_context!, _batch!.AsNative());
        if (status != 0)
        {
            throw new NativeRuntimeException($"llama.cpp failed to embed (status {status}). {NativeLog.TakeComplaints()}");
        }
    }

    private float[] Vector(int sequence)
    {
        float* values = LlamaApi.GetSequenceEmbeddings(_context!, sequence);
        if (values is null)
        {
            throw new NativeRuntimeException("This model gives no embedding for a whole text.");
        }

        int length = LlamaApi.PoolingType(_context!) == PoolingRank ? (int)LlamaApi.ModelClassifierOutputs(model) : LlamaApi.ModelEmbeddingLength(model);
        return new ReadOnlySpan<float>(values, length).ToArray();
    }

    private void EnsureCapacity(int tokens)
    {
        if (_batch?.Capacity >= tokens)
        {
            return;
        }

        Dispose();
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(tokens, SmallestBatch));
        _context = CreateContext(capacity, LlamaApi.ContextDefaultParams().PoolingType);
        if (LlamaApi.PoolingType(_context) == PoolingNone)
        {
            // Generative models name no pooling; the mean over the text is the usual choice.
            _context.Dispose();
            _context = CreateContext(capacity, PoolingMean);
        }

        _batch = new(capacity, tokenizer.VocabularySize);
    }

    private ContextHandle CreateContext(int capacity, int pooling)
    {
        LlamaContextParams parameters = LlamaApi.ContextDefaultParams();
        parameters.ContextLength = (uint)capacity;
        parameters.BatchSize = (uint)capacity;
        parameters.MicroBatchSize = (uint)capacity;
        parameters.MaxSequences = TextsPerBatch;
        parameters.Threads = threads;
        parameters.BatchThreads = threads;
        parameters.Embeddings = 1;
        parameters.PoolingType = pooling;
        parameters.UnifiedKv = 1;
        NativeLog.TakeComplaints();
        ContextHandle context = ContextHandle.Create(model, parameters);
        return context.IsInvalid
            ? throw new NativeRuntimeException(
                $"llama.cpp could not create an embedding context of {capacity:N0} tokens. {NativeLog.TakeComplaints()}")
            : context;
    }
}
