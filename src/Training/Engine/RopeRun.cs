namespace AgentKit.Training.Engine;

/// <summary>Neighbouring tokens whose positions are rotated alike.</summary>
/// <param name="Start">The first.</param>
/// <param name="Tokens">How many.</param>
/// <param name="Factors">Tensor [rotated pairs] that divides the frequencies; 0 for none.</param>
internal readonly record struct RopeRun(long Start, long Tokens, nint Factors);
