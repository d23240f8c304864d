namespace AgentKit.Training.Engine;

/// <summary>What a family of models computes and its files do not say: llama.cpp knows it by the family's name.</summary>
internal sealed record ModelFamily
{
    private const int NeighbouringPairs = 0, Halves = 2;

    /// <summary>The families that can be trained, by <c>general.architecture</c>.</summary>
    public static IReadOnlyDictionary<string, ModelFamily> All { get; } = new OrderedDictionary<string, ModelFamily>(StringComparer.Ordinal)
    {
        ["llama"] = new() { RopeMode = NeighbouringPairs },
        ["qwen2"] = new() { RopeMode = Halves },
        ["qwen3"] = new() { RopeMode = Halves },
        ["granite"] = new() { RopeMode = NeighbouringPairs },
        ["smollm3"] = new() { RopeMode = NeighbouringPairs, LayersPerPlain = 4 },
        ["gemma2"] = new()
        {
            RopeMode = Halves, ScalesEmbeddings = true, ScalesQueries = true, WideQueryLayers = 46, Gelu = true, LayersPerFull = 2, Window = 4096,
            AttentionCap = 50, OutputCap = 30,
        },
        ["gemma3"] = new()
        {
            RopeMode = Halves, ScalesEmbeddings = true, ScalesQueries = true, WideQueryLayers = 62, Gelu = true, LayersPerFull = 6, WindowBase = 10_000,
            MayCapOutput = true,
        },
        // Files of this family name a window, but llama.cpp v0.5.0 attends to everything.
        ["phi3"] = new() { RopeMode = Halves, ScalesQueries = true, FusesFeed = true },
    };

    /// <summary>ggml's number: 0 for neighbouring pairs, 2 for halves.</summary>
    public required int RopeMode { get; init; }

    /// <summary>
    /// Whether conversion to GGUF interleaves the halves of each head of queries and keys: llama.cpp rotates neighbours in these families, Hugging Face halves in all.
    /// </summary>
    public bool InterleavesHeads => RopeMode == NeighbouringPairs;

    /// <summary>Every so manieth layer has no positions (Yang et al. 2025, "RoPE to NoPE"); 0 when all have them.</summary>
    public int LayersPerPlain { get; init; }

    /// <summary>Whether embeddings are multiplied with the root of their width.</summary>
    public bool ScalesEmbeddings { get; init; }

    /// <summary>Whether queries are scaled, and not the scores: that rounds otherwise.</summary>
    public bool ScalesQueries { get; init; }

    /// <summary>Models with so many layers scale by the width a head would have if heads divided the embedding.</summary>
    public int WideQueryLayers { get; init; }

    /// <summary>Whether the gate goes through a GELU in place of a SiLU.</summary>
    public bool Gelu { get; init; }

    /// <summary>Whether <c>ffn_up</c> holds the gate's rows before its own.</summary>
    public bool FusesFeed { get; init; }

    /// <summary>Every so manieth layer attends to everything, the others to a window; 0 for no windows. A file may say otherwise.</summary>
    public int LayersPerFull { get; init; }

    /// <summary>Tokens of the window where the file does not say; 0 for none.</summary>
    public long Window { get; init; }

    /// <summary>θ of layers with a window, whose positions are not stretched; <c>null</c> where they are as in the other layers.</summary>
    public float? WindowBase { get; init; }

    /// <summary>Scores are cap · tanh(score / cap); 0 for no cap. A file may say another.</summary>
    public float AttentionCap { get; init; }

    /// <summary>The same for logits.</summary>
    public float OutputCap { get; init; }

    /// <summary>Whether a file may name a cap for logits where the family has none.</summary>
    public bool MayCapOutput { get; init; }
}
