using AgentKit.Models;
using AgentKit.Models.Engine;
using AgentKit.Models.Native;

namespace AgentKit.Training.Engine;

/// <summary>llama.cpp's own logits for a text, with the numerics of training: keys and values in single precision, no flash attention, plain weights.</summary>
internal static unsafe class LlamaReference
{
    private const int Float32 = 0;
    private const int NoFlashAttention = 0;

    /// <summary>Logits after each token, [tokens][vocabulary].</summary>
    /// <param name="modelPath">A checked model file.</param>
    /// <param name="tokens">One or more.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="adapterPath">An adapter to apply, if any.</param>
    /// <exception cref="NativeRuntimeException">llama.cpp refused the model or the adapter.</exception>
    public static float[][] Logits(string modelPath, int[] tokens, int threads, string? adapterPath = null)
    {
        NativeLog.TakeComplaints();
        LlamaModelParams modelParameters = LlamaApi.ModelDefaultParams();
        modelParameters.GpuLayers = 0;
        // Packed weights are computed in another order.
        modelParameters.UseExtraBuffers = 0;
        using ModelHandle model = LlamaApi.ModelLoadFromFile(modelPath, modelParameters);
        if (model.IsInvalid) throw new NativeRuntimeException($"llama.cpp could not load {modelPath}. {NativeLog.TakeComplaints()}");
        LlamaContextParams parameters = LlamaApi.ContextDefaultParams();
        parameters.ContextLength = parameters.BatchSize = parameters.MicroBatchSize = parameters.MaxOutputs = (uint)tokens.Length;
        parameters.Threads = parameters.BatchThreads = threads;
        parameters.FlashAttention = NoFlashAttention;
        parameters.KeyType = parameters.ValueType = Float32;
        using ContextHandle context = ContextHandle.Create(model, parameters);
        if (context.IsInvalid) throw new NativeRuntimeException($"llama.cpp could not create a context. {NativeLog.TakeComplaints()}");
        nint adapter = adapterPath is null ? 0 : LlamaApi.AdapterLoad(model, adapterPath);
        if (adapterPath is not null && adapter == 0) throw new NativeRuntimeException($"llama.cpp could not load {adapterPath}. {NativeLog.TakeComplaints()}");
        float scale = 1;
        if (adapter != 0) LlamaApi.SetAdapters(context, &adapter, 1, &scale);
        return Decode(context, tokens, LlamaApi.VocabSize(LlamaApi.ModelGetVocab(model)));
    }

    private static float[][] Decode(ContextHandle context, int[] tokens, int vocabulary)
    {
        using var batch = new TokenBatch(tokens.Length, vocabulary);
        batch.Clear();
        for (int t = 0; t < tokens.Length; t++) batch.Add(tokens[t], t, 0, output: true);
        int status = LlamaApi.Decode(context, batch.AsNative());
        if (status != 0) throw new NativeRuntimeException($"llama.cpp could not decode {tokens.Length} tokens ({status}). {NativeLog.TakeComplaints()}");
        var logits = new float[tokens.Length][];
        for (int t = 0; t < tokens.Length; t++) logits[t] = new ReadOnlySpan<float>(LlamaApi.GetLogits(context, t), vocabulary).ToArray();
        return logits;
    }
}
