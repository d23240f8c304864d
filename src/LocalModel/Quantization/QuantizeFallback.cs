namespace AgentKit.Models.Quantization;

/// <summary>A tensor that could not be stored in the type meant for it.</summary>
/// <param name="Tensor">Its name.</param>
/// <param name="Wanted">The type meant for it.</param>
/// <param name="Used">The type it has.</param>
public sealed record QuantizeFallback(string Tensor, string Wanted, string Used);
