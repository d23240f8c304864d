using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp;

/// <summary>What a connection is made with beside the server itself.</summary>
internal sealed record ConnectionSettings
{
    /// <summary>Where the server's standard error and the connection's own messages go.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The one revision to speak; <c>null</c> negotiates.</summary>
    public string? ProtocolVersion { get; init; }

    /// <summary>Called when the server says that its tools have changed.</summary>
    public Action? ToolsChanged { get; init; }

    /// <summary>Answers questions that the server asks the user; without it the server is told that nobody can be asked.</summary>
    public Func<ElicitRequestParams, CancellationToken, ValueTask<ElicitResult>>? Elicit { get; init; }
}
