namespace AgentKit.Kernel.Runs;

/// <summary>A step of two runs, or of one of them.</summary>
/// <param name="Same">Whether both did the same and it came to the same.</param>
/// <param name="A">The first run's step; <c>null</c> when it has none in this place.</param>
/// <param name="B">The second run's step; <c>null</c> when it has none in this place.</param>
public sealed record RunDiffStep(bool Same, RunStep? A, RunStep? B);
