using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentKit.Server;

/// <summary>Who may reach an MCP endpoint over HTTP, and how much they may ask of it.</summary>
public sealed record McpHttpOptions
{
    /// <summary>The endpoint's path.</summary>
    /// <value><c>/mcp</c></value>
    /// <exception cref="ArgumentException">It does not begin with a slash.</exception>
    public string Path
    {
        get;
        init => field = value is ['/', ..] ? value : throw new ArgumentException("The path must begin with '/'.", nameof(Path));
    } = "/mcp";

    /// <summary>
    /// Names by which clients may call the server, beside the loopback names and the address it listens on; without a port. A name that is
    /// not among them is refused: a page of another site that points its own name at this machine sends that name.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Origins of web pages that may use the server, such as <c>https://example.org</c>, beside pages of this machine.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>A secret that every client has to send, as <c>Authorization: Bearer …</c>. 16 characters or more.</summary>
    /// <value>None: only clients of this machine can reach the server.</value>
    /// <exception cref="ArgumentException">It is shorter.</exception>
    public string? BearerToken
    {
        get;
        init => field = value is null or { Length: >= 16 }
            ? value
            : throw new ArgumentException("The token must have 16 characters or more.", nameof(BearerToken));
    }

    /// <summary>Lets in whoever has a token of an authorization server, made out for this server.</summary>
    /// <value>None.</value>
    public McpOAuthOptions? OAuth { get; init; }

    /// <summary>Longest message a client may send, in bytes. 1 KiB to 1 GiB.</summary>
    /// <value>4 MiB</value>
    public int MaxBodyBytes { get; init => field = InRange(value, 1024, 1 << 30, nameof(MaxBodyBytes)); } = 4 << 20;

    /// <summary>Requests in work at the same time, of all clients. 1 to 100,000.</summary>
    /// <value>256</value>
    public int MaxConcurrentRequests { get; init => field = InRange(value, 1, 100_000, nameof(MaxConcurrentRequests)); } = 256;

    /// <summary>Streams that clients hold open to be told of changes, at the same time. 1 to 100,000.</summary>
    /// <value>256</value>
    public int MaxStreams { get; init => field = InRange(value, 1, 100_000, nameof(MaxStreams)); } = 256;

    /// <summary>Requests a second that one client, known by its user or else its address, may make on average; twice as many at once.</summary>
    /// <value>10,000</value>
    public int MaxRequestsPerSecond { get; init => field = InRange(value, 1, 1_000_000, nameof(MaxRequestsPerSecond)); } = 10_000;

    /// <summary>
    /// Sessions at the same time, of clients up to revision 2025-11-25. When they are used up, the session that has been idle for longest
    /// ends; when none is idle, a new one is refused. 1 to 1,000,000.
    /// </summary>
    /// <value>1,000</value>
    public int MaxSessions { get; init => field = InRange(value, 1, 1_000_000, nameof(MaxSessions)); } = 1_000;

    /// <summary>After how long without a request a session ends. Its client is told by 404, and begins a new one.</summary>
    /// <value>30 minutes</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0 and at most 1 day.</exception>
    public TimeSpan SessionIdleTimeout
    {
        get;
        init => field = value > TimeSpan.Zero && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(SessionIdleTimeout), value, "above 0 and at most 1 day");
    } = TimeSpan.FromMinutes(30);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where refusals and failures are logged.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Whether clients have to say who they are.</summary>
    internal bool HasSignIn => BearerToken is not null || OAuth is not null;

    private static int InRange(int value, int low, int high, string name) =>
        value >= low && value <= high ? value : throw new ArgumentOutOfRangeException(name, value, $"{low}..{high}");
}
