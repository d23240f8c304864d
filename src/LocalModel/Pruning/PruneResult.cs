namespace AgentKit.Models.Pruning;

/// <summary>What pruning did.</summary>
/// <param name="Output">The new file.</param>
/// <param name="Sparsity">Zeros of the pruned matrices, counted in the written file.</param>
/// <param name="BytesBefore">Size of the input, all its files together.</param>
/// <param name="BytesAfter">Size of the output. Zeros take as much room as other weights.</param>
/// <param name="Activations"><c>layerwise</c>, <c>dense</c> or <c>none</c>.</param>
/// <param name="CalibrationSha256">SHA-256 of the calibration text, where it is known.</param>
/// <param name="CalibrationTokens">Tokens read for the activations.</param>
/// <param name="WithoutData">Matrices of experts of which at least one has seen no token; its inputs count alike.</param>
public sealed record PruneResult(
    string Output, WeightSparsity Sparsity, long BytesBefore, long BytesAfter, string Activations, string? CalibrationSha256, long CalibrationTokens,
    IReadOnlyList<string> WithoutData)
{
    /// <summary>
    /// Whether the importance matrix says that it was made with another file. That may be the same model in another type, which is fine, or another model of the same shape.
    /// </summary>
    public bool ImportanceOfOtherFile { get; init; }
}
