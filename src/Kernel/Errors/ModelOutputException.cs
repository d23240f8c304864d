namespace AgentKit.Kernel.Errors;

/// <summary>
/// The model produced something that cannot be used: an unknown tool, arguments that are not JSON. Recorded in the step; the loop goes on
/// and counts it.
/// </summary>
/// <param name="message">What was expected; sent back to the model so that it can repair its call.</param>
/// <param name="inner">The cause, kept for logs only.</param>
public sealed class ModelOutputException(string message, Exception? inner = null) : Exception(message, inner);
