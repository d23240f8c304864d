namespace AgentKit.Tools.Mcp.Hub;

/// <summary>A server is not what the user has approved, or was never approved; trying again changes nothing.</summary>
internal sealed class NotApprovedException(string message) : Exception(message);
