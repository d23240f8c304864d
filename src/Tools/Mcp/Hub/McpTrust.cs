namespace AgentKit.Tools.Mcp.Hub;

/// <summary>How far a server is trusted before a call of one of its tools is even considered.</summary>
public enum McpTrust
{
    /// <summary>
    /// The user has just named it: what it offers at the first contact counts as approved and is remembered, what differs later does not.
    /// </summary>
    FirstUse,

    /// <summary>Something else names it, a file of a project for example: it is not started before the user has approved it.</summary>
    Approved,

    /// <summary>The program itself, as a server: tool names and results stay as they are, nothing is remembered.</summary>
    Own,
}
