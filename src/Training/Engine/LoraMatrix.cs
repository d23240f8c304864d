namespace AgentKit.Training.Engine;

/// <summary>The two trained matrices beside one frozen matrix, with their places in the adapter's flat arrays.</summary>
/// <param name="Target">The frozen matrix, for example <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Inputs">Columns of the frozen matrix.</param>
/// <param name="Outputs">Rows of the frozen matrix.</param>
/// <param name="Offset">Where A begins; B follows it.</param>
/// <param name="A">Tensor [inputs, padded rank].</param>
/// <param name="B">Tensor [padded rank, outputs].</param>
/// <param name="GradientA">Sum of gradients, as A.</param>
/// <param name="GradientB">Sum of gradients, as B.</param>
internal sealed record LoraMatrix(string Target, int Inputs, int Outputs, int Offset, nint A, nint B, nint GradientA, nint GradientB);
