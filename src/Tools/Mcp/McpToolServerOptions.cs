using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentKit.Tools.Mcp;

/// <summary>How a tool server presents itself.</summary>
public sealed record McpToolServerOptions
{
    /// <summary>The server's name, as clients show it.</summary>
    public string Name { get; init; } = "agentkit";

    /// <summary>The server's version; the toolkit's own by default.</summary>
    public string Version { get; init; } = typeof(McpToolServer).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>What a client may tell its model about the server as a whole.</summary>
    public string? Instructions { get; init; }

    /// <summary>Where failures of tools are logged. Must not write to the stream the server answers on.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
