namespace AgentKit.Cli.Models;

/// <summary>The document of <c>model quantize --json</c>.</summary>
internal sealed record QuantizeJson(
    string Output,
    string Type,
    long BytesBefore,
    long BytesAfter,
    double BitsPerWeight,
    int Tensors,
    double Seconds,
    IReadOnlyList<QuantizeJson.Fallback> Fallbacks,
    string? Imatrix,
    IReadOnlyList<string>? WithoutImportance,
    bool? ImatrixOfOtherFile,
    CompressionReportJson? Kld)
{
    /// <summary>A tensor whose rows do not divide into the blocks of its type.</summary>
    internal sealed record Fallback(string Tensor, string Wanted, string Used);
}
