using AgentKit.Models.Gguf;

namespace AgentKit.Tests.Support.Gguf;

/// <summary>Sizes of a generated model. The defaults give about 200 KB and load in a few milliseconds.</summary>
public sealed record TestModelShape
{
    /// <summary><c>llama</c>, <c>qwen2</c>, <c>qwen3</c>, or another family with llama's tensors; those of <c>gemma2</c>, <c>gemma3</c> and <c>phi3</c> are their own.</summary>
    public string Architecture { get; init; } = "llama";

    public int Layers { get; init; } = 2;

    /// <summary>Width of the residual stream; a multiple of <see cref="Heads"/> and, for Q8_0, of 32.</summary>
    public int Embedding { get; init; } = 64;

    public int Heads { get; init; } = 2;

    public int KvHeads { get; init; } = 1;

    public int FeedForward { get; init; } = 128;

    /// <summary>Experts of a mixture (llama only); 0 for a dense model.</summary>
    public int Experts { get; init; }

    public int ExpertsUsed { get; init; }

    /// <summary>Tokens: 256 bytes, 7 special ones, the rest merges; 300 to 400,000.</summary>
    public int Vocabulary { get; init; } = 320;

    public int ContextLength { get; init; } = 512;

    /// <summary>Type of the matrices: F32, F16, BF16 or Q8_0.</summary>
    public GgmlType Type { get; init; } = GgmlType.F32;

    /// <summary><c>qwen2</c>, <c>default</c> or another byte-level pre-tokenizer.</summary>
    public string PreTokenizer { get; init; } = "qwen2";

    /// <summary>Elements of a head where the heads do not divide the embedding; 0 where they do.</summary>
    public int OwnHeadLength { get; init; }

    /// <summary>Elements of a head.</summary>
    public int HeadLength => OwnHeadLength > 0 ? OwnHeadLength : Embedding / Heads;
}
