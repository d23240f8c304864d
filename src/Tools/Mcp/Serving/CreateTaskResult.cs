using System.Text.Json.Serialization;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>The answer to a call that became a task.</summary>
internal sealed class CreateTaskResult : Result
{
    public required string TaskId { get; init; }

    public required string Status { get; init; }

    public required string CreatedAt { get; init; }

    public required string LastUpdatedAt { get; init; }

    /// <summary>Always written: <c>null</c> means that there is no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required long? TtlMs { get; init; }

    public required long PollIntervalMs { get; init; }
}
