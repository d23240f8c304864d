namespace AgentKit.Eval;

/// <summary>How far computing samples together moved their numbers: some of them were asked again, one at a time.</summary>
/// <param name="Samples">Samples that were asked again.</param>
/// <param name="Changed">Samples whose answer is another one.</param>
/// <param name="Metric">The task's metric over these samples: batched less one at a time.</param>
/// <param name="LargestLogProbability">The largest difference of a token's ln p; absent where answers are written.</param>
public sealed record BatchingDifference(int Samples, int Changed, double Metric, double? LargestLogProbability = null);
