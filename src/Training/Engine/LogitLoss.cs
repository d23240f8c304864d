namespace AgentKit.Training.Engine;

/// <summary>A loss of single predictions by their logits. The predictions of a pack are asked for in order, each once a pass.</summary>
/// <param name="pack">The pack.</param>
/// <param name="row">Which of its predictions that count.</param>
/// <param name="logits">The model's, [vocabulary]; valid during the call only.</param>
/// <param name="slope">Where the derivative by the logits goes, [vocabulary].</param>
/// <returns>The prediction's loss.</returns>
internal delegate double LogitLoss(Pack pack, int row, ReadOnlySpan<float> logits, Span<float> slope);
