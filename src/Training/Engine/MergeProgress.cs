namespace AgentKit.Training.Engine;

/// <summary>How far a merge has come.</summary>
/// <param name="Tensor">The tensor that was written last.</param>
/// <param name="Done">Bytes of tensors written.</param>
/// <param name="Total">Bytes of all tensors.</param>
public sealed record MergeProgress(string Tensor, long Done, long Total);
