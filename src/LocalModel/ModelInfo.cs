using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Models;

/// <summary>What a model is, as its metadata and tensor list say; nothing is loaded for it. Null where the file does not say.</summary>
public sealed record ModelInfo
{
    private const long MaxLayers = 65_536;
    private const int PoolingRank = 4;

    /// <summary>The file's own name for the model, else the file name without its ending.</summary>
    public required string Name { get; init; }

    /// <summary>The family, for example <c>llama</c> or <c>qwen3</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Number of weights: the elements of all tensors in the file.</summary>
    public required long Parameters { get; init; }

    /// <summary>Number of blocks.</summary>
    public long? Layers { get; init; }

    /// <summary>Attention heads of a layer; the largest number where layers differ.</summary>
    public long? Heads { get; init; }

    /// <summary>Key/value heads of a layer; the largest number where layers differ.</summary>
    public long? KvHeads { get; init; }

    /// <summary>Tokens of context the model was trained for.</summary>
    public long? ContextLength { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public long? EmbeddingLength { get; init; }

    /// <summary>Number of tokens in the vocabulary.</summary>
    public long? VocabularySize { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long FileBytes { get; init; }

    /// <summary>How most weights are stored, for example <c>Q4_K</c>; the type which holds the most weights.</summary>
    public required string Quantization { get; init; }

    /// <summary>The chat template's source.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Kind of tokenizer: <c>gpt2</c> (byte pairs), <c>llama</c> (SentencePiece), …</summary>
    public string? Tokenizer { get; init; }

    /// <summary>How texts are cut before byte pairs are merged, for example <c>qwen2</c>.</summary>
    public string? PreTokenizer { get; init; }

    /// <summary>Text of the token that begins a sequence.</summary>
    public string? BosToken { get; init; }

    /// <summary>Text of the token that ends a sequence.</summary>
    public string? EosToken { get; init; }

    /// <summary>The model's licence, as the file says.</summary>
    public string? License { get; init; }

    /// <summary>Bytes of key/value cache per token of context; null where the file does not say enough.</summary>
    public KvBytesPerToken? KvBytesPerToken { get; init; }

    /// <summary>Layers attend only to this many last tokens, all of them or some; the cache of such layers stops growing there.</summary>
    public long? SlidingWindow { get; init; }

    /// <summary>True if there are layers without attention, whose state has a constant size per sequence.</summary>
    public bool IsRecurrent { get; init; }

    /// <summary>False for encoders, whose batch must hold a whole text and fit into one native micro-batch.</summary>
    public bool IsCausal { get; init; } = true;

    /// <summary>True if keys and values share one compressed cache row (multi-head latent attention).</summary>
    public bool HasLatentAttention { get; init; }

    /// <summary>True if the model scores pairs of texts instead of writing: it pools to a ranking head.</summary>
    public bool IsReranker { get; init; }

    /// <summary>Reads the head of a GGUF file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UserInputException">The file cannot be read or is damaged.</exception>
    public static ModelInfo Read(string path) => From(GgufFile.Open(path));

    /// <summary>Collects what an opened file says.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="UserInputException">A value has the wrong type.</exception>
    public static ModelInfo From(GgufFile file)
    {
        string architecture = file.FindString("general.architecture") ?? "unknown";
        string Key(string suffix) => $"{architecture}.{suffix}";
        long? layers = file.FindInteger(Key("block_count"));
        if (layers is < 0 or > MaxLayers)
            throw new UserInputException(Key("block_count"), $"{file.Name}: {Key("block_count")} is {layers}; 0 to {MaxLayers} is allowed.");
        var heads = PerLayer(file, Key("attention.head_count"), layers);
        var kvHeads = PerLayer(file, Key("attention.head_count_kv"), layers) ?? heads;
        bool latent = file.FindInteger(Key("attention.key_length_mla")) > 0;
        return new ModelInfo
        {
            Name = file.FindString("general.name") is { Length: > 0 } name ? name : Path.GetFileNameWithoutExtension(file.Path),
            Architecture = architecture,
            Parameters = file.Tensors.Sum(t => t.Elements),
            Layers = layers,
            Heads = heads?.DefaultIfEmpty().Max(),
            KvHeads = kvHeads?.DefaultIfEmpty().Max(),
            ContextLength = file.FindInteger(Key("context_length")),
            EmbeddingLength = file.FindInteger(Key("embedding_length")),
            VocabularySize = file.Metadata.TryGetValue("tokenizer.ggml.tokens", out var tokens) ? tokens.Count : file.FindInteger(Key("vocab_size")),
            FileBytes = file.FileBytes,
            Quantization = CommonType(file),
            ChatTemplate = file.FindString("tokenizer.chat_template"),
            Tokenizer = file.FindString("tokenizer.ggml.model"),
            PreTokenizer = file.FindString("tokenizer.ggml.pre"),
            BosToken = TokenText(file, "tokenizer.ggml.bos_token_id", sentencePiece: 1),
            EosToken = TokenText(file, "tokenizer.ggml.eos_token_id", sentencePiece: 2),
            License = file.FindString("general.license"),
            KvBytesPerToken = CacheBytes(file, Key, heads, kvHeads, latent),
            SlidingWindow = file.FindInteger(Key("attention.sliding_window")) is > 0 and var window ? window : null,
            IsRecurrent = file.Metadata.Keys.Any(k => k.StartsWith(Key("ssm."), StringComparison.Ordinal) || k == Key("wkv.head_size"))
                || kvHeads?.Contains(0) == true || file.FindInteger(Key("full_attention_interval")) > 1,
            IsCausal = file.FindBool(Key("attention.causal")) ?? true,
            HasLatentAttention = latent,
            // Without the head's matrix llama.cpp would give a number of the residual stream as the score.
            IsReranker = file.FindInteger(Key("pooling_type")) == PoolingRank && file.FindTensor("cls.output.weight") is not null,
        };
    }

    private static string CommonType(GgufFile file) =>
        file.Tensors.GroupBy(t => t.Type).OrderByDescending(g => g.Sum(t => t.Elements)).FirstOrDefault()?.Key.ToString() ?? "none";

    /// <summary>The text behind a token's id; SentencePiece files may leave out the ids that are always the same.</summary>
    private static string? TokenText(GgufFile file, string key, long sentencePiece)
    {
        long? id = file.FindInteger(key) ?? (file.FindString("tokenizer.ggml.model") == "llama" ? sentencePiece : null);
        return file.Metadata.TryGetValue("tokenizer.ggml.tokens", out var tokens) && tokens is { IsArray: true, ElementType: GgufValueType.String }
            && id >= 0 && id < tokens.Count
                ? Encoding.UTF8.GetString(tokens.Utf8((int)id))
                : null;
    }

    private static long[]? PerLayer(GgufFile file, string key, long? layers)
    {
        if (!file.Metadata.TryGetValue(key, out var value)) return null;
        if (!value.IsArray) return Enumerable.Repeat(file.FindInteger(key)!.Value, (int)(layers ?? 1)).ToArray();
        if (!GgufValue.IsIntegral(value.ElementType) || value.Count > MaxLayers)
            throw new UserInputException(key, $"{file.Name}: {key} is {value}; integers for at most {MaxLayers} layers are needed.");
        return value.AsIntegers();
    }

    /// <summary>One row of keys and one of values per layer with attention; with latent attention, keys only.</summary>
    private static KvBytesPerToken? CacheBytes(GgufFile file, Func<string, string> key, long[]? heads, long[]? kvHeads, bool latent)
    {
        // llama.cpp derives head lengths from the first layer's heads; hybrids may begin with a layer that has none.
        if (kvHeads is null || heads?.FirstOrDefault(n => n > 0) is not (> 0 and var first)) return null;
        long? whole = file.FindInteger(key("embedding_length")) / first;
        if ((file.FindInteger(key("attention.key_length")) ?? whole) is not { } keyLength) return null;
        if ((file.FindInteger(key("attention.value_length")) ?? whole) is not { } valueLength) return null;
        // Damaged sizes would overflow the products; no head is that long.
        if (keyLength is < 0 or > 1 << 20 || valueLength is < 0 or > 1 << 20 || kvHeads.Any(n => n is < 0 or > 1 << 20)) return null;
        long interval = file.FindInteger(key("full_attention_interval")) is > 0 and var every ? every : 1;
        long rows = kvHeads.Where((_, layer) => (layer + 1) % interval == 0).Sum();
        long elements = rows * (latent ? keyLength : keyLength + valueLength);
        // Quantized caches are made of blocks of 32 elements, which may not span heads.
        bool blocks = keyLength % 32 == 0 && (latent || valueLength % 32 == 0);
        return new KvBytesPerToken(elements * 2, blocks ? elements / 32 * 34 : null, blocks ? elements / 32 * 18 : null);
    }
}
