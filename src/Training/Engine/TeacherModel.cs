using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Engine;
using AgentKit.Models.Native;
using AgentKit.Training.Data;

namespace AgentKit.Training.Engine;

/// <summary>
/// A model of any family that llama.cpp runs, which says what it would write at each place of a sample. Samples are computed one by one, a chunk of tokens at a time, so that
/// the same sample always gives the same logits.
/// </summary>
internal sealed unsafe class TeacherModel : IDisposable
{
    private const int Chunk = 256, AllLayers = 999;

    private readonly ModelHandle _model;
    private readonly ContextHandle _context;
    private readonly TokenBatch _batch;
    private TrainingSample? _sample;
    private int _begin, _end;

    private TeacherModel(ModelHandle model, ContextHandle context)
    {
        (_model, _context) = (model, context);
        VocabularySize = LlamaApi.VocabSize(LlamaApi.ModelGetVocab(model));
        _batch = new(Chunk, VocabularySize);
    }

    /// <summary>Tokens there are.</summary>
    public int VocabularySize { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="path">A GGUF file that has been checked.</param>
    /// <param name="longest">Most tokens of a sample.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="gpu">Whether its layers go to the GPU.</param>
    /// <exception cref="UserInputException">llama.cpp refused the model, or it does not write token by token.</exception>
    /// <exception cref="NativeRuntimeException">There is no memory for it.</exception>
    public static TeacherModel Open(string path, int longest, int threads, bool gpu)
    {
        LlamaModelParams parameters = LlamaApi.ModelDefaultParams();
        parameters.GpuLayers = gpu ? AllLayers : 0;
        NativeLog.TakeComplaints();
        ModelHandle model = LlamaApi.ModelLoadFromFile(path, parameters);
        bool loaded = !model.IsInvalid;
        if (!loaded || !LlamaApi.ModelHasDecoder(model) || LlamaApi.ModelHasEncoder(model) || LlamaApi.ModelIsDiffusion(model))
        {
            model.Dispose();
            throw new UserInputException("teacher", loaded
                ? $"teacher: {path} is an encoder-decoder or diffusion model; one that writes token by token is needed."
                : $"teacher: llama.cpp could not load {path}. {NativeLog.TakeComplaints()}");
        }

        ContextHandle context = ContextHandle.Create(model, Sizes(longest, threads));
        if (!context.IsInvalid) return new(model, context);
        model.Dispose();
        throw new NativeRuntimeException($"llama.cpp could not create a context of {longest:N0} tokens for {path}. {NativeLog.TakeComplaints()}");
    }

    /// <summary>The logits after a token of a sample whose next token counts, [vocabulary]; valid until the next call.</summary>
    /// <param name="sample">The sample; computed as far as it is asked for, cheapest in order.</param>
    /// <param name="position">The token.</param>
    public ReadOnlySpan<float> Logits(TrainingSample sample, int position)
    {
        if (!ReferenceEquals(sample, _sample) || position < _begin)
        {
            LlamaApi.MemoryClear(LlamaApi.GetMemory(_context), data: false);
            (_sample, _begin, _end) = (sample, 0, 0);
        }

        while (position >= _end) Decode(sample);
        float* row = LlamaApi.GetLogits(_context, position - _begin);
        return row is null ? throw new NativeRuntimeException($"llama.cpp returned no logits for token {position}.") : new(row, VocabularySize);
    }

    public void Dispose()
    {
        _batch.Dispose();
        _context.Dispose();
        _model.Dispose();
    }

    private static LlamaContextParams Sizes(int longest, int threads)
    {
        LlamaContextParams parameters = LlamaApi.ContextDefaultParams();
        parameters.ContextLength = (uint)longest;
        parameters.BatchSize = parameters.MicroBatchSize = parameters.MaxOutputs = Chunk;
        parameters.MaxSequences = 1;
        parameters.Threads = parameters.BatchThreads = threads;
        return parameters;
    }

    private void Decode(TrainingSample sample)
    {
        (_begin, int end) = (_end, Math.Min(sample.Tokens.Length, _end + Chunk));
        _batch.Clear();
        // The last token always: llama.cpp wants something to put out.
        for (int t = _begin; t < end; t++) _batch.Add(sample.Tokens[t], t, 0, output: t == end - 1 || sample.Weights[t + 1] != 0);
        int status = LlamaApi.Decode(_context, _batch.AsNative());
        if (status != 0) throw new NativeRuntimeException($"llama.cpp could not decode {end - _begin} tokens ({status}). {NativeLog.TakeComplaints()}");
        _end = end;
    }
}
