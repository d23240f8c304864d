namespace AgentKit.Training.Objectives;

/// <summary>Two answers to one prompt, one of them preferred.</summary>
/// <param name="Chosen">The preferred one.</param>
/// <param name="Rejected">The other one.</param>
/// <typeparam name="T">Log-probabilities, scores or gradients.</typeparam>
public sealed record PreferencePair<T>(T Chosen, T Rejected);
