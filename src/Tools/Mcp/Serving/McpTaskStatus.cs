namespace AgentKit.Tools.Mcp.Serving;

/// <summary>Where a task stands.</summary>
public enum McpTaskStatus
{
    /// <summary>At work.</summary>
    Working,

    /// <summary>Stands until the client has answered the task's questions.</summary>
    InputRequired,

    /// <summary>Ended with a result, which may be an error of the tool.</summary>
    Completed,

    /// <summary>Ended with an error of the protocol.</summary>
    Failed,

    /// <summary>Ended because the client asked for it.</summary>
    Cancelled,
}
