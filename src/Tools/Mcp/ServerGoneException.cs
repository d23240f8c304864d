namespace AgentKit.Tools.Mcp;

/// <summary>A server does not answer any more. Whether a call that was on its way took effect is not known.</summary>
internal sealed class ServerGoneException(string message, Exception inner) : Exception(message, inner);
