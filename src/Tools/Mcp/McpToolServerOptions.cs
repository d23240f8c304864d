using System.Security.Cryptography;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentKit.Tools.Mcp;

/// <summary>How a tool server presents itself, and what it offers beside tools.</summary>
public sealed record McpToolServerOptions
{
    private const int LeastKeyBytes = 32;

    /// <summary>The server's name, as clients show it.</summary>
    public string Name { get; init; } = "agentkit";

    /// <summary>The server's version; the toolkit's own by default.</summary>
    public string Version { get; init; } = typeof(McpToolServer).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>What a client may tell its model about the server as a whole.</summary>
    public string? Instructions { get; init; }

    /// <summary>Icons to show to people.</summary>
    public IReadOnlyList<Icon>? Icons { get; init; }

    /// <summary>Resources, kind by kind in the order in which they are listed.</summary>
    public IReadOnlyList<McpResources> Resources { get; init; } = [];

    /// <summary>Prompts, kind by kind in the order in which they are listed.</summary>
    public IReadOnlyList<McpPrompts> Prompts { get; init; } = [];

    /// <summary>
    /// Whether tools are refused that some common client refuses: by their name, or by what their schema uses. Otherwise only what the
    /// protocol itself forbids is refused.
    /// </summary>
    /// <value><c>true</c></value>
    public bool PortableOnly { get; init; } = true;

    /// <summary>
    /// Signs what clients carry for the server between two rounds of a request. Give a stored one where a round may reach another process.
    /// </summary>
    /// <value>Random, 32 bytes or more.</value>
    /// <exception cref="ArgumentException">It is shorter.</exception>
    public byte[] StateKey
    {
        get;
        init => field = value is { Length: >= LeastKeyBytes }
            ? value
            : throw new ArgumentException($"The key must have {LeastKeyBytes} bytes or more.", nameof(StateKey));
    } = RandomNumberGenerator.GetBytes(LeastKeyBytes);

    /// <summary>Has the last word on a connection's options, for what this record has no word for.</summary>
    public Action<McpServerOptions>? Configure { get; init; }

    /// <summary>The clock of expiries and of looking for changes.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where failures of tools are logged. Must not write to the stream the server answers on.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
