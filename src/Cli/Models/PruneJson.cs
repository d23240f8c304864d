namespace AgentKit.Cli.Models;

/// <summary>The document of <c>model prune --json</c>.</summary>
internal sealed record PruneJson(
    string Output,
    string Method,
    string Pattern,
    double SparsityTarget,
    double Sparsity,
    int Matrices,
    long Weights,
    long Zeros,
    long BytesBefore,
    long BytesAfter,
    string Activations,
    string? CalibrationSha256,
    long CalibrationTokens,
    IReadOnlyList<string> WithoutData,
    bool? ImatrixOfOtherFile,
    double Seconds,
    CompressionReportJson? Kld);
