namespace AgentKit.Models.Quantization;

/// <summary>A tensor has been written.</summary>
/// <param name="Done">Tensors written.</param>
/// <param name="Total">Tensors of the model.</param>
/// <param name="Tensor">The last one's name.</param>
public readonly record struct QuantizeProgress(int Done, int Total, string Tensor);
