using AgentKit.Kernel.Errors;
using AgentKit.Models.Engine;
using AgentKit.Models.Gguf;
using AgentKit.Models.Native;

namespace AgentKit.Models.Quantization;

/// <summary>A model that reads chunks of calibration text and keeps the sums of what flows into its matrices. One thread makes and uses it.</summary>
internal sealed class CalibrationReader : IDisposable
{
    private const int LargestMicroBatch = 512;

    private readonly ModelHandle _model;
    private readonly ContextHandle? _context;
    private readonly TokenBatch? _batch;

    /// <param name="file">A checked model file.</param>
    /// <param name="chunkLength">Tokens of a chunk.</param>
    /// <param name="threads">Threads; null: those this process may use.</param>
    /// <param name="wanted">Names of the matrices whose inputs count.</param>
    /// <param name="writable">Whether the model's weights will be overwritten.</param>
    /// <exception cref="UserInputException">The chunk is longer than the model's context, or llama.cpp refuses the model.</exception>
    /// <exception cref="NativeRuntimeException">The libraries are missing or refuse the context.</exception>
    public CalibrationReader(GgufFile file, int chunkLength, int? threads, Func<string, bool> wanted, bool writable = false)
    {
        if (NativeRuntime.Probe() is { Fault: { } fault }) throw new NativeRuntimeException(fault);
        NodeReader.CheckOperations();
        ModelInfo info = ModelInfo.From(file);
        var options = new LocalModelOptions { ContextLength = chunkLength, Threads = threads, PromptCacheBytes = 0 };
        ModelSettings settings = ModelPlan.Choose(
            LocalModel.Dimensions(file, info, options), options, NativeRuntime.Probe().Devices, MachineMemory.FreeBytes(), CpuQuota.UsableCpus);
        Nodes = new(wanted);
        _model = ModelLoader.Load(file.Path, settings, writable);
        try
        {
            Tokenizer = new(_model, LongRuns.AreDangerous(info));
            _context = ContextHandle.Create(_model, Parameters(chunkLength, settings.Threads, writable));
            if (_context.IsInvalid)
                throw new NativeRuntimeException($"llama.cpp could not create a context of {chunkLength:N0} tokens. {NativeLog.TakeComplaints()}");
            _batch = new(chunkLength, Tokenizer.VocabularySize);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Tokenizer Tokenizer { get; } = null!;

    public NodeReader Nodes { get; }

    /// <summary>Cuts a text into chunks, each begun with the begin token where the model has one; what does not fill a chunk is left out.</summary>
    /// <exception cref="UserInputException">The text does not fill one chunk.</exception>
    public int[][] Chunks(string text, bool parseSpecial, int chunkLength, int? most, out int tokens)
    {
        int[] all = Tokenizer.Encode(text, addSpecial: true, parseSpecial);
        tokens = all.Length;
        if (all.Length < chunkLength)
        {
            throw new UserInputException(
                "text", $"The calibration text has {all.Length:N0} tokens; {chunkLength:N0} are needed for one chunk. Use more text or a smaller context.");
        }

        var chunks = new int[Math.Min(most ?? int.MaxValue, all.Length / chunkLength)][];
        for (int i = 0; i < chunks.Length; i++)
        {
            chunks[i] = all[(i * chunkLength)..((i + 1) * chunkLength)];
            if (Tokenizer.AddsBos) chunks[i][0] = Tokenizer.Bos;
        }

        return chunks;
    }

    /// <summary>Reads a chunk as a text of its own.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the sums hold part of the chunk then.</exception>
    /// <exception cref="NativeRuntimeException">Decoding failed.</exception>
    public void Read(int[] chunk, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        nint memory = LlamaApi.GetMemory(_context!);
        if (memory != 0) LlamaApi.MemoryClear(memory, data: true);
        _batch!.Clear();
        // Without an output the last layer's feed-forward would not see the token.
        for (int i = 0; i < chunk.Length; i++) _batch.Add(chunk[i], i, sequence: 0, output: true);
        Nodes.Stop = cancellationToken;
        int status = LlamaApi.Decode(_context!, _batch.AsNative());
        cancellationToken.ThrowIfCancellationRequested();
        if (Nodes.Fault is { } fault) throw new NativeRuntimeException(fault.Message, fault);
        if (status != 0) throw new NativeRuntimeException($"llama.cpp failed to decode (status {status}). {NativeLog.TakeComplaints()}");
    }

    public void Dispose()
    {
        _batch?.Dispose();
        _context?.Dispose();
        _model.Dispose();
        Nodes.Dispose();
    }

    private LlamaContextParams Parameters(int chunkLength, int threads, bool writable)
    {
        LlamaContextParams parameters = LlamaApi.ContextDefaultParams();
        parameters.ContextLength = parameters.BatchSize = parameters.MaxOutputs = (uint)chunkLength;
        parameters.MicroBatchSize = (uint)Math.Min(chunkLength, LargestMicroBatch);
        parameters.MaxSequences = 1;
        parameters.Threads = parameters.BatchThreads = threads;
        // Offloaded products work on copies of the weights.
        if (writable) parameters.OpOffload = 0;
        Nodes.Attach(ref parameters);
        return parameters;
    }
}
