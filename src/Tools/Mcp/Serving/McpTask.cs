using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>A tool call that goes on when its connection is gone.</summary>
/// <param name="Id">What the client asks for it with; not to be guessed.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Created">When it began.</param>
/// <param name="Updated">When its status changed last.</param>
public sealed record McpTask(string Id, McpTaskStatus Status, DateTimeOffset Created, DateTimeOffset Updated)
{
    /// <summary>What it does at the moment, for people.</summary>
    public string? Message { get; init; }

    /// <summary>How long it can be asked for after its beginning; <c>null</c>: as long as its run is kept.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>The tool's result, for <see cref="McpTaskStatus.Completed"/>.</summary>
    public CallToolResult? Result { get; init; }

    /// <summary>What went wrong, for <see cref="McpTaskStatus.Failed"/>.</summary>
    public JsonRpcErrorDetail? Error { get; init; }

    /// <summary>The open questions by key, for <see cref="McpTaskStatus.InputRequired"/>.</summary>
    public IReadOnlyDictionary<string, InputRequest> Questions { get; init; } = new Dictionary<string, InputRequest>();
}
