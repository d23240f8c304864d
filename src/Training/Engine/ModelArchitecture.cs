using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>The sizes and variants of a dense decoder model, from its family, metadata and tensor list.</summary>
internal sealed record ModelArchitecture
{
    public required string Name { get; init; }

    public required ModelFamily Family { get; init; }

    public required int Layers { get; init; }

    public required long Embedding { get; init; }

    public required long Heads { get; init; }

    public required long KvHeads { get; init; }

    public required long HeadLength { get; init; }

    public required long Vocabulary { get; init; }

    public required int Context { get; init; }

    public required float NormEpsilon { get; init; }

    public required RopeSettings Rope { get; init; }

    /// <summary>The positions of layers with a window.</summary>
    public required RopeSettings WindowRope { get; init; }

    /// <summary>Per layer how many tokens each token attends to, itself included; 0 for all before it.</summary>
    public required IReadOnlyList<long> Windows { get; init; }

    /// <summary>What embeddings are multiplied with.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>What each half of a block is multiplied with before it is added; 1 but for Granite.</summary>
    public float ResidualScale { get; init; } = 1;

    /// <summary>What logits are multiplied with; 1 but for Granite.</summary>
    public float LogitScale { get; init; } = 1;

    /// <summary>What queries are multiplied with.</summary>
    public float QueryScale { get; init; } = 1;

    /// <summary>What attention scores are multiplied with.</summary>
    public float AttentionScale { get; init; } = 1;

    /// <summary>Scores are cap · tanh(score / cap); 0 for no cap.</summary>
    public float AttentionCap { get; init; }

    /// <summary>The same for logits.</summary>
    public float OutputCap { get; init; }

    /// <summary>Whether one matrix makes queries, keys and values.</summary>
    public bool FusesAttention { get; init; }

    /// <summary>The matrix that makes logits: <c>output.weight</c>, or the embeddings where there is none.</summary>
    public required string OutputName { get; init; }

    /// <summary>Reads a model's architecture.</summary>
    /// <exception cref="UserInputException">The family or a variant of it cannot be trained.</exception>
    public static ModelArchitecture From(GgufFile file)
    {
        string name = file.FindString("general.architecture") ?? "";
        if (!ModelFamily.All.TryGetValue(name, out ModelFamily? family))
            throw Unsupported(file, $"general.architecture is '{name}'", $"can be trained: {string.Join(", ", ModelFamily.All.Keys)}");
        if (file.FindInteger($"{name}.expert_count") is > 0) throw Unsupported(file, $"{name}.expert_count is above 0", "mixtures of experts cannot be trained");
        if (file.FindInteger("split.count") is > 1) throw Unsupported(file, "the model is split", "merge its parts into one file first");
        long embedding = Required(file, $"{name}.embedding_length"), heads = Required(file, $"{name}.attention.head_count");
        long headLength = file.FindInteger($"{name}.attention.key_length") ?? embedding / heads;
        if (file.FindInteger($"{name}.attention.value_length") is { } valueLength && valueLength != headLength)
            throw Unsupported(file, $"{name}.attention.value_length is {valueLength}", $"only the key length {headLength} can be trained");
        GgufTensorInfo embeddings = file.FindTensor("token_embd.weight") ?? throw Unsupported(file, "token_embd.weight is missing", "every model needs it");
        int context = (int)Math.Min(Required(file, $"{name}.context_length"), int.MaxValue), layers = (int)Required(file, $"{name}.block_count");
        RopeSettings rope = RopeOf(file, name, family.RopeMode, (int)headLength, context);
        float root = 1 / MathF.Sqrt(family.WideQueryLayers == layers ? embedding / heads : headLength);
        return new()
        {
            Name = name,
            Family = family,
            Layers = layers,
            Embedding = embedding,
            Heads = heads,
            KvHeads = file.FindInteger($"{name}.attention.head_count_kv") ?? heads,
            HeadLength = headLength,
            Vocabulary = embeddings.Shape[1],
            Context = context,
            NormEpsilon = (float)(file.FindNumber($"{name}.attention.layer_norm_rms_epsilon") ?? 1e-5),
            Rope = rope,
            WindowRope = WindowRopeOf(file, name, family, rope),
            Windows = WindowsOf(file, name, family, layers),
            EmbeddingScale = family.ScalesEmbeddings ? MathF.Sqrt(embedding) : Factor(file, $"{name}.embedding_scale", 1),
            ResidualScale = Factor(file, $"{name}.residual_scale", 1),
            LogitScale = 1 / Factor(file, $"{name}.logit_scale", 1),
            QueryScale = family.ScalesQueries ? root : 1,
            AttentionScale = family.ScalesQueries ? 1 : Factor(file, $"{name}.attention.scale", root),
            AttentionCap = family.AttentionCap > 0 ? Factor(file, $"{name}.attn_logit_softcapping", family.AttentionCap) : 0,
            OutputCap = family.OutputCap > 0 || family.MayCapOutput ? Factor(file, $"{name}.final_logit_softcapping", family.OutputCap) : 0,
            FusesAttention = file.FindTensor("blk.0.attn_qkv.weight") is not null,
            OutputName = file.FindTensor("output.weight") is null ? "token_embd.weight" : "output.weight",
        };
    }

    /// <summary>How a layer's queries and keys carry positions; <c>null</c> where they have none.</summary>
    public RopeSettings? RopeOf(int layer) =>
        Family.LayersPerPlain > 0 && (layer + 1) % Family.LayersPerPlain == 0 ? null : Windows[layer] == 0 ? Rope : WindowRope;

    /// <summary>The matrix of a layer that a name in <see cref="LoraOptions.Matrices"/> stands for: where several are one, that one.</summary>
    public string MatrixOf(string target) => target switch
    {
        "q" or "k" or "v" when FusesAttention => LoraOptions.FusedAttention,
        "gate" when Family.FusesFeed => LoraOptions.Matrices["up"],
        _ => LoraOptions.Matrices[target],
    };

    /// <summary>A factor that the file may name; 0 stands for none.</summary>
    private static float Factor(GgufFile file, string key, float absent) => file.FindNumber(key) is { } value && value != 0 ? (float)value : absent;

    private static RopeSettings RopeOf(GgufFile file, string name, int mode, int headLength, int context)
    {
        string? scaling = file.FindString($"{name}.rope.scaling.type");
        if (scaling is not (null or "none" or "linear" or "longrope"))
            throw Unsupported(file, $"{name}.rope.scaling.type is '{scaling}'", "none, linear and longrope can be trained");
        float factor = scaling == "none" ? 1 : Factor(file, $"{name}.rope.scaling.factor", Factor(file, $"{name}.rope.scale_linear", 1));
        return new(
            (int)(file.FindInteger($"{name}.rope.dimension_count") ?? headLength),
            mode,
            (int)(file.FindInteger($"{name}.rope.scaling.original_context_length") ?? context),
            (float)(file.FindNumber($"{name}.rope.freq_base") ?? 10_000),
            1 / factor,
            (float)(file.FindNumber($"{name}.rope.scaling.attn_factor") ?? 1));
    }

    private static RopeSettings WindowRopeOf(GgufFile file, string name, ModelFamily family, RopeSettings rope) => rope with
    {
        FrequencyBase = (float)(file.FindNumber($"{name}.rope.freq_base_swa") ?? family.WindowBase ?? rope.FrequencyBase),
        FrequencyScale = family.WindowBase is null ? rope.FrequencyScale : 1,
    };

    private static long[] WindowsOf(GgufFile file, string name, ModelFamily family, int layers)
    {
        var windows = new long[layers];
        long window = file.FindInteger($"{name}.attention.sliding_window") ?? family.Window;
        if (family.LayersPerFull == 0 || window == 0) return windows;
        string key = $"{name}.attention.sliding_window_pattern";
        if (file.Metadata.TryGetValue(key, out GgufValue? pattern) && pattern.IsArray)
        {
            bool[] windowed = pattern.ElementType == GgufValueType.Bool
                ? [.. pattern.Data.ToArray().Select(item => item != 0)]
                : [.. pattern.AsIntegers().Select(item => item != 0)];
            if (windowed.Length < layers) throw Unsupported(file, $"{key} has {windowed.Length} elements", $"one for each of {layers} layers is needed");
            return [.. windows.Select((_, layer) => windowed[layer] ? window : 0)];
        }

        long period = file.FindInteger(key) ?? family.LayersPerFull;
        return [.. windows.Select((_, layer) => period == 0 || layer % period < period - 1 ? window : 0)];
    }

    private static long Required(GgufFile file, string key) =>
        file.FindInteger(key) ?? throw Unsupported(file, $"{key} is missing", "every model of this family needs it");

    private static UserInputException Unsupported(GgufFile file, string found, string allowed) => new("model", $"{file.Name}: {found}; {allowed}.");
}
