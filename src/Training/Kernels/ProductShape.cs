namespace AgentKit.Training.Kernels;

/// <summary>What a planned product depends on: sizes, the order its operands lie in and the distance between rows of the result.</summary>
/// <param name="M">Lanes: the result's fastest dimension.</param>
/// <param name="N">Rows.</param>
/// <param name="K">Terms of a sum.</param>
/// <param name="LanesInOrder">Whether the first operand's sums run along its memory.</param>
/// <param name="RowsInOrder">Whether the second's do.</param>
/// <param name="Stride">From one row of the result to the next.</param>
internal readonly record struct ProductShape(int M, int N, int K, bool LanesInOrder, bool RowsInOrder, long Stride);
