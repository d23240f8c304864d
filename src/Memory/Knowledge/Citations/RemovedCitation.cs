namespace AgentKit.Memory.Knowledge.Citations;

/// <summary>A citation that did not stand the check and was taken out of the answer.</summary>
/// <param name="Number">The number the answer gave.</param>
/// <param name="Claim">What it was to support.</param>
/// <param name="Reason">Why it does not.</param>
public sealed record RemovedCitation(int Number, string Claim, string Reason);
