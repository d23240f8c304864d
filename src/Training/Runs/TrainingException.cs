namespace AgentKit.Training.Runs;

/// <summary>Training cannot go on; the message says why, and what can be done. Checkpoints that were written stay.</summary>
/// <param name="message">The reason.</param>
/// <param name="inner">The cause, if another component found it.</param>
public sealed class TrainingException(string message, Exception? inner = null) : Exception(message, inner);
