using System.Numerics.Tensors;
using AgentKit.Kernel;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Engine;
using AgentKit.Models.Fitting;
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
public sealed class LocalModel : IChatClient, IEmbeddingGenerator<string, Embedding<float>>, ITokenCounter, IAsyncDisposable
{
    /// <summary>Small groups let chat requests through in between and cancellation take effect.</summary>
    private const int TextsPerTurn = 32;

    private readonly ModelHandle _model;
    private readonly BatchingEngine _engine;
    private readonly Embedder _embedder;
    private readonly ChatPipeline _chat;
    private readonly AdapterRegistry _adapters;
    private readonly PairEncoder _pairs;
    private readonly Lazy<byte[]> _fingerprint;
    private readonly int _trainedContext;
    private int _disposed;

    private LocalModel(ModelHandle model, GgufFile file, ModelSettings settings, LocalModelOptions options, ILogger logger)
    {
        _model = model;
        Info = ModelInfo.From(file);
        Settings = settings;
        Tokenizer = new(model, LongRuns.AreDangerous(Info));
        _trainedContext = Dimensions(file, Info, options).TrainedContext;
        EngineOptions engine = new(settings.ContextLength, settings.KvCells, settings.Parallel, settings.BatchSize, settings.Threads)
        {
            AdaptThreads = options.Threads is null,
            KvType = settings.KvType,
            StoredPrefixBytes = settings.PromptCacheBytes,
            QueueLimit = options.QueueLimit,
        };
        _engine = new(model, Tokenizer, engine, logger, Drafters.Create(Tokenizer, engine, options, settings));
        _embedder = new(model, Tokenizer, settings.Threads);
        _adapters = new(model, file, _engine);
        _pairs = new(file, Tokenizer);
        _fingerprint = new(() => PromptCacheFile.Fingerprint(file, NativeRuntime.Probe().Version, settings.KvType));
        _chat = new(Info, Tokenizer, RecommendedSampling.From(file), settings.ContextLength, logger);
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
        ModelSettings settings = ModelPlan.Choose(Dimensions(file, info, options), options, runtime.Devices, MachineMemory.FreeBytes(), CpuQuota.UsableCpus);
        ModelHandle model = ModelLoader.Load(path, settings);
        try
        {
            LocalModel opened = new(model, file, settings, options, logger);
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
        LocalChatOptions local = LocalChatOptions.From(options, this);
        AdapterSet adapters = _adapters.SetFor(local.Adapters ?? DefaultAdapters);
        return _chat.RunAsync(_engine, [.. messages], options, local, adapters, cancellationToken);
    }

    /// <summary>The loaded LoRA adapters.</summary>
    public IReadOnlyList<string> Adapters => _adapters.Names;

    /// <summary>
    /// The adapters of requests that name none themselves, for example of an agent that knows nothing of adapters. Setting it takes effect with the
    /// next request; running ones go on as they are.
    /// </summary>
    public IReadOnlyList<AdapterUse> DefaultAdapters
    {
        get => Volatile.Read(ref field);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _adapters.SetFor(value);
            Volatile.Write(ref field, [.. value]);
        }
    } = [];

    /// <summary><see cref="DefaultAdapters"/> as the engine takes them.</summary>
    internal AdapterSet DefaultAdapterSet => _adapters.SetFor(DefaultAdapters);

    /// <summary>
    /// Loads a LoRA adapter (Hu et al. 2021) while requests run. One of the same name is replaced: running requests finish with the old one.
    /// </summary>
    /// <param name="path">An adapter in GGUF format for this model.</param>
    /// <param name="name">The name to use it by; default: the file's name without its ending.</param>
    /// <param name="allowOtherBase">
    /// Whether an adapter is loaded that was trained on another file of the same shape, for example before this one was quantized. Adapters of AgentKit
    /// hold the SHA-256 of the file they were trained on; with the first such adapter this model's file is read through once to compare.
    /// </param>
    /// <exception cref="UserInputException">The file is missing or damaged, or belongs to another model.</exception>
    public Task LoadAdapterAsync(string path, string? name = null, bool allowOtherBase = false)
    {
        ArgumentNullException.ThrowIfNull(path);
        return _adapters.LoadAsync(path, name ?? Path.GetFileNameWithoutExtension(path), allowOtherBase);
    }

    /// <summary>Unloads a LoRA adapter; its memory is free when the last request that uses it has ended.</summary>
    /// <param name="name">Its name; not one of <see cref="DefaultAdapters"/>.</param>
    /// <exception cref="UserInputException">There is none of this name, or it is a default.</exception>
    public Task UnloadAdapterAsync(string name) => DefaultAdapters.Any(use => use.Name == name)
        ? throw new UserInputException(nameof(name), $"Adapter '{name}' is one of DefaultAdapters; change those first.")
        : _adapters.UnloadAsync(name);

    /// <summary>
    /// Computes the log-probabilities of given tokens, log p(token[i] | token[0 … i−1]). Calls with a common beginning compute it once.
    /// </summary>
    /// <param name="tokens">All tokens, at least two and at most the context length.</param>
    /// <param name="from">Index of the first token to score, 1 or more: the first token has no condition.</param>
    /// <param name="alternatives">How many of the most likely tokens to list beside each, 0 to 100.</param>
    /// <param name="options">Adapters and queue; the rest is not used.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>One entry for each token from <paramref name="from"/> on.</returns>
    /// <exception cref="UserInputException">The tokens do not fit the context, or <paramref name="from"/> is out of range.</exception>
    public Task<IReadOnlyList<TokenLogProbability>> ScoreAsync(
        IReadOnlyList<int> tokens, int from = 1, int alternatives = 0, LocalChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)alternatives, 100u, nameof(alternatives));
        return ScoreAsync(tokens, from, alternatives, options, null, cancellationToken);
    }

    /// <summary>
    /// Hands out the whole distribution over the vocabulary at positions of a given text, for example to compare two models. Calls with a common
    /// beginning compute it once.
    /// </summary>
    /// <param name="tokens">All tokens, at least two and at most the context length.</param>
    /// <param name="from">Index of the first token whose logits are wanted, 1 or more.</param>
    /// <param name="reader">Called for each token from <paramref name="from"/> on, in order, on the engine's thread: all requests wait while it runs.</param>
    /// <param name="options">Adapters and queue; the rest is not used.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="UserInputException">The tokens do not fit the context, or <paramref name="from"/> is out of range.</exception>
    public Task ReadLogitsAsync(
        IReadOnlyList<int> tokens, int from, LogitsReader reader, LocalChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return ScoreAsync(tokens, from, 0, options, reader, cancellationToken);
    }

    private Task<IReadOnlyList<TokenLogProbability>> ScoreAsync(
        IReadOnlyList<int> tokens, int from, int alternatives, LocalChatOptions? options, LogitsReader? reader, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        options ??= new();
        if (from < 1 || from >= tokens.Count)
        {
            throw new UserInputException(nameof(from), $"{nameof(from)} is {from}; with {tokens.Count:N0} tokens, 1 to {tokens.Count - 1:N0} is allowed.");
        }

        AdapterSet adapters = _adapters.SetFor(options.Adapters ?? DefaultAdapters);
        return _engine.ScoreAsync([.. tokens], from, alternatives, adapters, options.Queue, cancellationToken, reader);
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
        if (Info.IsReranker)
        {
            throw new UserInputException("model", $"{Info.Name} is a reranker: it scores pairs of texts and gives no embeddings.");
        }

        int[][] texts = [.. values.Select((text, i) => CheckedLength(Tokenizer.Encode(text, addSpecial: true), $"values[{i}]"))];
        if (options?.Dimensions is { } wanted && wanted != Info.EmbeddingLength)
        {
            throw new UserInputException("EmbeddingGenerationOptions.Dimensions", $"Dimensions is {wanted}; this model's vectors have {Info.EmbeddingLength}.");
        }

        GeneratedEmbeddings<Embedding<float>> result = [];
        foreach (int[][] group in texts.Chunk(TextsPerTurn))
        {
            cancellationToken.ThrowIfCancellationRequested();
            float[][] vectors = await _engine.RunAsync(() => _embedder.Pool(group)).ConfigureAwait(false);
            result.AddRange(vectors.Select(vector => new Embedding<float>(Normalized(vector)) { ModelId = Info.Name }));
        }

        int tokens = texts.Sum(t => t.Length);
        result.Usage = new() { InputTokenCount = tokens, TotalTokenCount = tokens };
        return result;
    }

    /// <summary>Scores how well documents answer a query, with a ranking model (a cross-encoder such as bge-reranker or Qwen3-Reranker).</summary>
    /// <param name="query">The query.</param>
    /// <param name="documents">The documents.</param>
    /// <param name="cancellationToken">Cancels between batches of documents.</param>
    /// <returns>A score for each document, in their order; more is better. The scale is the model's own.</returns>
    /// <exception cref="UserInputException">The model has no ranking head, or a pair is longer than its context; texts are never cut.</exception>
    public async Task<IReadOnlyList<float>> RerankAsync(string query, IEnumerable<string> documents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(documents);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (!Info.IsReranker)
        {
            throw new UserInputException("model", $"{Info.Name} has no ranking head; a reranker model is needed.");
        }

        int[][] pairs = [.. documents.Select((document, i) => CheckedLength(_pairs.Encode(query, document), $"documents[{i}]"))];
        List<float> scores = [];
        foreach (int[][] group in pairs.Chunk(TextsPerTurn))
        {
            cancellationToken.ThrowIfCancellationRequested();
            scores.AddRange((await _engine.RunAsync(() => _embedder.Pool(group)).ConfigureAwait(false)).Select(outputs => outputs[0]));
        }

        return scores;
    }

    /// <summary>
    /// Writes the KV of earlier prompts to a file. A process that loads it answers prompts that begin like them without computing their beginning.
    /// What was computed with adapters is left out.
    /// </summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <returns>How many prompts were written.</returns>
    public async Task<int> SavePromptCacheAsync(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        List<StoredPrefix> entries = await _engine.WithPoolAsync(pool =>
        {
            pool.StoreKept();
            return pool.Store.Entries.Where(entry => entry.Scope == AdapterSet.None.Scope).ToList();
        }).ConfigureAwait(false);
        await Task.Run(() => PromptCacheFile.Write(path, _fingerprint.Value, entries)).ConfigureAwait(false);
        return entries.Count;
    }

    /// <summary>Reads what <see cref="SavePromptCacheAsync"/> wrote. Only load files that you trust: they hold the model's memory.</summary>
    /// <param name="path">The file.</param>
    /// <returns>How many prompts fit into <see cref="LocalModelOptions.PromptCacheBytes"/>.</returns>
    /// <exception cref="UserInputException">It is damaged, or belongs to another model, build of llama.cpp or KV type.</exception>
    public async Task<int> LoadPromptCacheAsync(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        IReadOnlyList<StoredPrefix> entries = await Task.Run(() => PromptCacheFile.Read(path, _fingerprint.Value, Settings.ContextLength)).ConfigureAwait(false);
        return await _engine.WithPoolAsync(pool =>
        {
            StoredPrefix[] fitting = [.. entries.Where(entry => pool.Store.Fits(entry.Size))];
            Array.ForEach(fitting, pool.Store.Add);
            return fitting.Count(entry => entry.Place is not null);
        }).ConfigureAwait(false);
    }

    /// <summary>Drops the KV of earlier prompts, so that the next request computes all of its prompt: its numbers then do not depend on what ran before.</summary>
    public Task ForgetPromptsAsync() => _engine.WithPoolAsync(pool =>
    {
        pool.Forget(_adapters.SetFor(DefaultAdapters).Scope);
        return true;
    });

    /// <inheritdoc/>
    int ITokenCounter.ContextLength => Settings.ContextLength;

    /// <inheritdoc/>
    /// <exception cref="UserInputException">The model's template refuses the messages.</exception>
    public int CountTokens(IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _chat.Count([.. messages], options);
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

    private int[] CheckedLength(int[] tokens, string field) => tokens.Length == 0
        ? throw new UserInputException(field, $"{field} is empty; there is nothing to compute.")
        : tokens.Length > _trainedContext
            ? throw new UserInputException(field, $"{field} has {tokens.Length:N0} tokens; the model takes at most {_trainedContext:N0}.")
            : tokens;

    private static float[] Normalized(float[] vector)
    {
        float norm = TensorPrimitives.Norm<float>(vector);
        if (norm > 0)
        {
            TensorPrimitives.Divide(vector, norm, vector);
        }

        return vector;
    }

    internal static ModelDimensions Dimensions(GgufFile file, ModelInfo info, LocalModelOptions options) => new(
        (int)Math.Clamp(info.ContextLength ?? 2048, 1, int.MaxValue / 2),
        (int)(info.Layers ?? 0),
        KvBytes(info, options.KvType),
        info.FileBytes,
        options.ExpertsInMainMemory ? ModelWeights.Of(file.Tensors).Experts.Sum() : 0);

    private static long KvBytes(ModelInfo info, KvType type)
    {
        long? bytes = type switch
        {
            KvType.F16 => info.KvBytesPerToken?.F16 ?? 0,
            KvType.Q8_0 => info.KvBytesPerToken?.Q8_0,
            _ => info.KvBytesPerToken?.Q4_0,
        };
        return bytes ?? throw new UserInputException(nameof(LocalModelOptions.KvType),
            $"KvType is {type}, but the heads of {info.Name} are not a multiple of 32 long; only F16 is possible.");
    }
}
