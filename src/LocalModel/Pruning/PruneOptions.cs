using AgentKit.Models.Gguf;
using AgentKit.Models.Quantization;

namespace AgentKit.Models.Pruning;

/// <summary>How a model is pruned.</summary>
public sealed record PruneOptions
{
    /// <summary>How the importance of a weight is judged.</summary>
    /// <value>Default <see cref="PruneMethod.Wanda"/>.</value>
    public PruneMethod Method { get; init; }

    /// <summary>Which weights may go, and how many.</summary>
    /// <value>Default: half of them, any.</value>
    public PrunePattern Pattern { get; init; } = PrunePattern.Unstructured(0.5);

    /// <summary>
    /// Calibration text for WANDA. Block after block, its activations are taken from the model as pruned so far, as in the paper.
    /// </summary>
    /// <value>Default: none; exactly one of this and <see cref="Importance"/> is needed for WANDA, none for magnitude.</value>
    public string? Text { get; init; }

    /// <summary>How the text is read.</summary>
    public ImportanceOptions Calibration { get; init; } = new();

    /// <summary>Activations of the dense model for WANDA, from an importance matrix: faster than a text, and a little worse.</summary>
    /// <value>Default: none.</value>
    public ImportanceMatrix? Importance { get; init; }

    /// <summary>How the pruned matrices are stored.</summary>
    /// <value>F32, F16, BF16 or Q8_0; default: as they were, for types that have an exact zero.</value>
    public GgmlType? Type { get; init; }

    /// <summary>Whether an existing output file is replaced.</summary>
    /// <value>Default false.</value>
    public bool Overwrite { get; init; }
}
