namespace AgentKit.Kernel.Errors;

/// <summary>
/// A tool could not do what the model asked. Its message, and nothing else about the failure, reaches the model; the loop goes on.
/// </summary>
/// <param name="message">What went wrong in words the model can act on.</param>
/// <param name="inner">The cause, kept for logs only.</param>
public sealed class ToolException(string message, Exception? inner = null) : Exception(message, inner);
