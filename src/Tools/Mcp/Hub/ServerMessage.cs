using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>What a <see cref="ServerActor"/> understands.</summary>
internal abstract record ServerMessage
{
    /// <summary>Connect, if there is no connection, and say what the server offers; answered with an <see cref="Offer"/>.</summary>
    public sealed record Connect(CancellationToken Stop) : ServerMessage;

    /// <summary>Give the connection to a call; answered with a <see cref="Lease"/>.</summary>
    public sealed record Borrow : ServerMessage;

    /// <summary>A connection has ended.</summary>
    public sealed record Lost(McpToolConnection Connection) : ServerMessage;

    /// <summary>The server says that its tools have changed.</summary>
    public sealed record Changed : ServerMessage;

    /// <summary>It is time to try again.</summary>
    public sealed record Retry : ServerMessage;

    /// <summary>What a server offers of what was approved.</summary>
    public sealed record Offer(McpToolConnection Connection, IReadOnlyList<Tool> Tools);

    /// <summary>A connection for one call, or why there is none.</summary>
    /// <param name="Connection">The connection.</param>
    /// <param name="Reason">Why there is none, as the model is told.</param>
    /// <param name="RetryAfter">When it may be there; <c>null</c> for never.</param>
    public sealed record Lease(McpToolConnection? Connection, string? Reason = null, TimeSpan? RetryAfter = null);
}
