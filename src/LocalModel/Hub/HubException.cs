namespace AgentKit.Models.Hub;

/// <summary>A download failed for reasons that lie with the hub, the network or the disk. The message says what to do.</summary>
/// <param name="message">What happened and what to do.</param>
/// <param name="inner">The cause.</param>
public sealed class HubException(string message, Exception? inner = null) : Exception(message, inner);
