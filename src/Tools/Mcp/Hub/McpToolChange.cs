namespace AgentKit.Tools.Mcp.Hub;

/// <summary>How a tool compares with what was approved.</summary>
public enum McpToolChange
{
    /// <summary>It is as it was approved.</summary>
    Same,

    /// <summary>It has another definition.</summary>
    Changed,

    /// <summary>Nobody has approved it.</summary>
    Added,

    /// <summary>It was approved and is not there any more.</summary>
    Removed,
}
