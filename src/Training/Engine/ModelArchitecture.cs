using AgentKit.Kernel.Errors;
using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>The sizes and variants of a dense decoder model, from its metadata and tensor list.</summary>
internal sealed record ModelArchitecture
{
    private const int NeighbouringPairs = 0, Halves = 2;

    /// <summary>SmolLM3 leaves positions out of every fourth layer (Yang et al. 2025, "RoPE to NoPE"); llama.cpp knows that, the file does not say it.</summary>
    private const int SmolLayersPerPlain = 4;

    /// <summary>ggml's rope mode by family; that is not in the metadata.</summary>
    private static readonly Dictionary<string, int> RopeModes = new(StringComparer.Ordinal)
    {
        ["llama"] = NeighbouringPairs, ["qwen2"] = Halves, ["qwen3"] = Halves, ["granite"] = NeighbouringPairs, ["smollm3"] = NeighbouringPairs,
    };

    public required string Name { get; init; }

    public required int Layers { get; init; }

    public required long Embedding { get; init; }

    public required long Heads { get; init; }

    public required long KvHeads { get; init; }

    public required long HeadLength { get; init; }

    public required long Vocabulary { get; init; }

    public required int Context { get; init; }

    public required float NormEpsilon { get; init; }

    public required RopeSettings Rope { get; init; }

    /// <summary>What embeddings are multiplied with; 1 but for Granite.</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>What each half of a block is multiplied with before it is added; 1 but for Granite.</summary>
    public float ResidualScale { get; init; } = 1;

    /// <summary>What logits are multiplied with; 1 but for Granite.</summary>
    public float LogitScale { get; init; } = 1;

    /// <summary>What attention scores are multiplied with.</summary>
    public required float AttentionScale { get; init; }

    /// <summary>Every so manieth layer has no positions; 0 when all have them.</summary>
    public int LayersPerPlain { get; init; }

    /// <summary>The matrix that makes logits: <c>output.weight</c>, or the embeddings where there is none.</summary>
    public required string OutputName { get; init; }

    /// <summary>Reads a model's architecture.</summary>
    /// <exception cref="UserInputException">The family or a variant of it cannot be trained.</exception>
    public static ModelArchitecture From(GgufFile file)
    {
        string name = file.FindString("general.architecture") ?? "";
        if (!RopeModes.TryGetValue(name, out int mode))
            throw Unsupported(file, $"general.architecture is '{name}'", $"can be trained: {string.Join(", ", RopeModes.Keys)}");
        if (file.FindInteger($"{name}.expert_count") is > 0) throw Unsupported(file, $"{name}.expert_count is above 0", "mixtures of experts cannot be trained");
        if (file.FindInteger("split.count") is > 1) throw Unsupported(file, "the model is split", "merge its parts into one file first");
        long embedding = Required(file, $"{name}.embedding_length"), heads = Required(file, $"{name}.attention.head_count");
        long headLength = file.FindInteger($"{name}.attention.key_length") ?? embedding / heads;
        if (file.FindInteger($"{name}.attention.value_length") is { } valueLength && valueLength != headLength)
            throw Unsupported(file, $"{name}.attention.value_length is {valueLength}", $"only the key length {headLength} can be trained");
        GgufTensorInfo embeddings = file.FindTensor("token_embd.weight") ?? throw Unsupported(file, "token_embd.weight is missing", "every model needs it");
        int context = (int)Math.Min(Required(file, $"{name}.context_length"), int.MaxValue);
        return new()
        {
            Name = name,
            Layers = (int)Required(file, $"{name}.block_count"),
            Embedding = embedding,
            Heads = heads,
            KvHeads = file.FindInteger($"{name}.attention.head_count_kv") ?? heads,
            HeadLength = headLength,
            Vocabulary = embeddings.Shape[1],
            Context = context,
            NormEpsilon = (float)(file.FindNumber($"{name}.attention.layer_norm_rms_epsilon") ?? 1e-5),
            Rope = RopeOf(file, name, mode, (int)headLength, context),
            EmbeddingScale = Factor(file, $"{name}.embedding_scale", 1),
            ResidualScale = Factor(file, $"{name}.residual_scale", 1),
            LogitScale = 1 / Factor(file, $"{name}.logit_scale", 1),
            AttentionScale = Factor(file, $"{name}.attention.scale", 1 / MathF.Sqrt(headLength)),
            LayersPerPlain = name == "smollm3" ? SmolLayersPerPlain : 0,
            OutputName = file.FindTensor("output.weight") is null ? "token_embd.weight" : "output.weight",
        };
    }

    /// <summary>Whether a layer's queries and keys carry positions.</summary>
    public bool HasPositions(int layer) => LayersPerPlain == 0 || (layer + 1) % LayersPerPlain != 0;

    /// <summary>A factor that the file may name; 0 stands for none.</summary>
    private static float Factor(GgufFile file, string key, float absent) => file.FindNumber(key) is { } value && value != 0 ? (float)value : absent;

    private static RopeSettings RopeOf(GgufFile file, string name, int mode, int headLength, int context)
    {
        string? scaling = file.FindString($"{name}.rope.scaling.type");
        if (scaling is not (null or "none" or "linear")) throw Unsupported(file, $"{name}.rope.scaling.type is '{scaling}'", "none and linear can be trained");
        double factor = scaling == "linear" ? file.FindNumber($"{name}.rope.scaling.factor") ?? 1 : 1;
        return new(
            (int)(file.FindInteger($"{name}.rope.dimension_count") ?? headLength),
            mode,
            (int)(file.FindInteger($"{name}.rope.scaling.original_context_length") ?? context),
            (float)(file.FindNumber($"{name}.rope.freq_base") ?? 10_000),
            (float)(1 / factor));
    }

    private static long Required(GgufFile file, string key) =>
        file.FindInteger(key) ?? throw Unsupported(file, $"{key} is missing", "every model of this family needs it");

    private static UserInputException Unsupported(GgufFile file, string found, string allowed) => new("model", $"{file.Name}: {found}; {allowed}.");
}
