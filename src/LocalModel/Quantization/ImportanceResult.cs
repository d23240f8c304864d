namespace AgentKit.Models.Quantization;

/// <summary>What making an importance matrix did.</summary>
/// <param name="Output">The file.</param>
/// <param name="Matrix">What it holds.</param>
/// <param name="ResumedFrom">Chunks that were there already.</param>
/// <param name="Tokens">Tokens of the text; what does not fill a chunk is left out.</param>
/// <param name="WithoutData">Matrices of experts of which at least one was never chosen by the router, and so has seen nothing.</param>
public sealed record ImportanceResult(string Output, ImportanceMatrix Matrix, int ResumedFrom, int Tokens, IReadOnlyList<string> WithoutData);
