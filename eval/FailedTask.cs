namespace AgentKit.Eval;

/// <summary>A task that has no number, because every sample of it failed.</summary>
/// <param name="Task">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Samples">How many samples there were.</param>
/// <param name="Signature">How it was asked.</param>
/// <param name="Failures">Why each failed.</param>
public sealed record FailedTask(string Task, int Version, int Samples, string Signature, IReadOnlyList<SampleFailure> Failures);
