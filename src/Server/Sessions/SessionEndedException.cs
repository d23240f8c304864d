namespace AgentKit.Server.Sessions;

/// <summary>A request came for a session that has ended.</summary>
internal sealed class SessionEndedException() : Exception("The session has ended.");
