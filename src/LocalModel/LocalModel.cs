using AgentKit.Kernel.Errors;
using AgentKit.Models.Engine;
using AgentKit.Models.Gguf;
using AgentKit.Models.Native;
using AgentKit.Models.Sampling;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentKit.Models;

/// <summary>
/// A GGUF model served in this process: a chat client with tool calls and an embedding generator. All members are safe for concurrent use;
/// concurrent requests are decoded together.
/// </summary>
public sealed class LocalModel : IChatClient, IEmbeddingGenerator<string, Embedding<float>>, IAsyncDisposable
{
    private readonly ModelHandle _model;
    private readonly BatchingEngine _engine;
    private readonly Embedder _embedder;
    private readonly ChatPipeline _chat;
    private readonly int _trainedContext;
    private int _disposed;

    private LocalModel(ModelHandle model, ModelInfo info, ModelSettings settings, SamplingOptions sampling, bool adaptThreads, ILogger logger)
    {
        _model = model;
        Info = info;
        Settings = settings;
        Tokenizer = new(model, LongRuns.AreDangerous(info));
        _trainedContext = Dimensions(info).TrainedContext;
        _engine = new(model, Tokenizer, new(
            settings.ContextLength, settings.KvCells, settings.Parallel, settings.BatchSize, settings.Threads, adaptThreads), logger);
        _embedder = new(model, Tokenizer, settings.Threads);
        _chat = new(info, Tokenizer, sampling, logger);
    }

    /// <summary>What the file says about the model.</summary>
    public ModelInfo Info { get; }

    /// <summary>The sizes in effect.</summary>
    public ModelSettings Settings { get; }

    /// <summary>The model's own tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The engine, for measurements.</summary>
    internal BatchingEngine Engine => _engine;

    /// <summary>Checks and loads a model.</summary>
    /// <param name="path">A GGUF file.</param>
    /// <param name="options">Sizes; what is left out is chosen for the model and the machine.</param>
    /// <param name="loggers">Receives llama.cpp's log and what was chosen.</param>
    /// <exception cref="UserInputException">The file is missing or damaged, or an option cannot be met.</exception>
    /// <exception cref="NativeRuntimeException">The llama.cpp libraries are missing or refused the model.</exception>
    public static LocalModel Open(string path, LocalModelOptions? options = null, ILoggerFactory? loggers = null)
    {
        options ??= new();
        ILogger logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("AgentKit.LocalModel");
        GgufFile file = ModelFile.OpenChecked(path);
        ModelInfo info = ModelInfo.From(file);
        NativeRuntimeInfo runtime = NativeRuntime.Require(logger);
        ModelSettings settings = ModelPlan.Choose(Dimensions(info), options, runtime.Devices, MachineMemory.FreeBytes(), CpuQuota.UsableCpus);
        ModelHandle model = Load(path, settings);
        try
        {
            LocalModel opened = new(model, info, settings, RecommendedSampling.From(file), adaptThreads: options.Threads is null, logger);
            logger.LogInformation("Opened {Model} ({Settings})", info.Name, settings);
            return opened;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="UserInputException">The messages or options cannot be used, or do not fit the context.</exception>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="UserInputException">The messages or options cannot be used, or do not fit the context.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _chat.RunAsync(_engine, [.. messages], options, cancellationToken);
    }

    /// <summary>Computes one vector of length 1 for each text: the model's own pooling, or the mean over the text's tokens when it has none.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">Only the model's own vector length is available.</param>
    /// <param name="cancellationToken">Cancels between batches of texts.</param>
    /// <exception cref="UserInputException">A text is empty or longer than the model's context; texts are never cut.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        int[][] texts = [.. values.Select(TokenizeForEmbedding)];
        if (options?.Dimensions is { } wanted && wanted != Info.EmbeddingLength)
        {
            throw new UserInputException("EmbeddingGenerationOptions.Dimensions", $"Dimensions is {wanted}; this model's vectors have {Info.EmbeddingLength}.");
        }

        GeneratedEmbeddings<Embedding<float>> result = [];
        // Small groups let chat requests through in between and cancellation take effect.
        foreach (int[][] group in texts.Chunk(32))
        {
            cancellationToken.ThrowIfCancellationRequested();
            float[][] vectors = await _engine.RunAsync(() => _embedder.Embed(group)).ConfigureAwait(false);
            result.AddRange(vectors.Select(vector => new Embedding<float>(vector) { ModelId = Info.Name }));
        }

        int tokens = texts.Sum(t => t.Length);
        result.Usage = new() { InputTokenCount = tokens, TotalTokenCount = tokens };
        return result;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("llama.cpp", defaultModelId: Info.Name)
            : serviceType == typeof(EmbeddingGeneratorMetadata)
                ? new EmbeddingGeneratorMetadata("llama.cpp", defaultModelId: Info.Name, defaultModelDimensions: (int?)Info.EmbeddingLength)
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Ends running requests as cancelled and frees the model.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _engine.DisposeAsync().ConfigureAwait(false);
        _embedder.Dispose();
        _model.Dispose();
    }

    /// <summary>Ends running requests as cancelled and frees the model.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private int[] TokenizeForEmbedding(string text, int index)
    {
        int[] tokens = Tokenizer.Encode(text, addSpecial: true);
        return tokens.Length == 0
            ? throw new UserInputException($"values[{index}]", $"Text {index} is empty; there is nothing to embed.")
            : tokens.Length > _trainedContext
                ? throw new UserInputException($"values[{index}]", $"Text {index} has {tokens.Length:N0} tokens; the model takes at most {_trainedContext:N0}.")
                : tokens;
    }

    private static ModelHandle Load(string path, ModelSettings settings)
    {
        LlamaModelParams parameters = LlamaApi.ModelDefaultParams();
        parameters.GpuLayers = settings.GpuLayers;
        NativeLog.TakeComplaints();
        ModelHandle model = LlamaApi.ModelLoadFromFile(path, parameters);
        if (!model.IsInvalid && LlamaApi.ModelHasDecoder(model) && !LlamaApi.ModelHasEncoder(model) && !LlamaApi.ModelIsDiffusion(model))
        {
            return model;
        }

        bool loaded = !model.IsInvalid;
        model.Dispose();
        throw new UserInputException("model", loaded
            ? $"{path} is an encoder-decoder or diffusion model; only decoder models can be served."
            : $"llama.cpp could not load {path}. {NativeLog.TakeComplaints()}");
    }

    private static ModelDimensions Dimensions(ModelInfo info) => new(
        (int)Math.Clamp(info.ContextLength ?? 2048, 1, int.MaxValue / 2),
        (int)(info.Layers ?? 0),
        info.KvBytesPerToken?.F16 ?? 0,
        info.FileBytes);
}
