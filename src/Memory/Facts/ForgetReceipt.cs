namespace AgentKit.Memory.Facts;

/// <summary>What was forgotten, without saying what it was.</summary>
/// <param name="Id">The receipt's id.</param>
/// <param name="At">When.</param>
/// <param name="Store">The store it was forgotten in: <c>sqlite</c>, <c>postgresql</c>, <c>qdrant</c>, <c>memory</c>.</param>
/// <param name="Facts">The ids of the facts. Under each lies a tombstone now, so that no consolidation brings it back.</param>
/// <param name="Runs">Runs whose record in the journal still tells of them; the journal is never changed.</param>
public sealed record ForgetReceipt(string Id, DateTimeOffset At, string Store, IReadOnlyList<string> Facts, IReadOnlyList<string> Runs);
