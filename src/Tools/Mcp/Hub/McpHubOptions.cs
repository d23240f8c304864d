using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>How a hub deals with its servers.</summary>
public sealed record McpHubOptions
{
    /// <summary>What is known of servers and their tools; <c>null</c> remembers nothing and takes every definition as it comes.</summary>
    public McpApprovals? Approvals { get; init; }

    /// <summary>With more tools than this a model gets tools to search and call the others with. 1 to 1000.</summary>
    /// <value>40: models choose worse among more, and some interfaces refuse more than 128.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MostTools
    {
        get;
        init => field = value is >= 1 and <= 1000 ? value : throw new ArgumentOutOfRangeException(nameof(MostTools), value, "1 to 1000");
    } = 40;

    /// <summary>How long one call may take. 1 second to 1 day.</summary>
    /// <value>5 minutes</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan CallTimeout
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(CallTimeout), value, "1 second to 1 day");
    } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Answers what a server asks the user in the middle of a call; it is told the server's name. <c>null</c>: servers are told that nobody
    /// can be asked.
    /// </summary>
    public Func<string, ElicitRequestParams, CancellationToken, ValueTask<ElicitResult>>? Elicit { get; init; }

    /// <summary>The clock of waits and time limits.</summary>
    /// <value><see cref="TimeProvider.System"/></value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where servers' standard error and the hub's own messages go.</summary>
    /// <value>Nowhere.</value>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
