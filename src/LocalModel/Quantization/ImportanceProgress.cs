namespace AgentKit.Models.Quantization;

/// <summary>A chunk of calibration text has been read.</summary>
/// <param name="Done">Tokens read.</param>
/// <param name="Total">Tokens to read.</param>
public readonly record struct ImportanceProgress(long Done, long Total);
