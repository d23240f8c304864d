namespace AgentKit.Models.Quantization;

/// <summary>What quantizing did.</summary>
/// <param name="Output">The new file.</param>
/// <param name="Type">The type asked for.</param>
/// <param name="BytesBefore">Size of the input, all its files together.</param>
/// <param name="BytesAfter">Size of the output.</param>
/// <param name="BitsPerWeight">Bits of the output's tensors for each weight.</param>
/// <param name="Tensors">Number of tensors.</param>
/// <param name="Fallbacks">Tensors whose rows do not divide into the blocks of their type, stored in another one.</param>
public sealed record QuantizeResult(
    string Output, string Type, long BytesBefore, long BytesAfter, double BitsPerWeight, int Tensors, IReadOnlyList<QuantizeFallback> Fallbacks)
{
    /// <summary>Matrices of attention and feed-forward that the importance matrix does not know, quantized without it; empty when none was given.</summary>
    public IReadOnlyList<string> WithoutImportance { get; init; } = [];

    /// <summary>
    /// Whether the importance matrix says that it was made with another file. That may be the same model in another type, which is fine, or another model of the same shape.
    /// </summary>
    public bool ImportanceOfOtherFile { get; init; }
}
