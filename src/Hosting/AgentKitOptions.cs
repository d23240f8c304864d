namespace AgentKit.Hosting;

/// <summary>What the agents of a host share. Checked when the host starts.</summary>
public sealed record AgentKitOptions
{
    /// <summary>The journal's file, in which runs and dead letters outlive the process; created where it is missing.</summary>
    /// <value>None: runs are kept in memory and end with the process.</value>
    public string? Journal { get; set; }

    /// <summary>Whether runs that other processes left unfinished are taken up once the host has started.</summary>
    /// <value><c>true</c></value>
    public bool RecoverAtStart { get; set; } = true;

    /// <summary>
    /// How long tools in work may take to finish when the host stops, and actors after them. The host's own shutdown timeout should be
    /// longer. 0 to 1 day.
    /// </summary>
    /// <value>20 s</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Whether every local model writes one token before the host counts as started, so that the first request finds it ready.</summary>
    /// <value><c>true</c></value>
    public bool WarmUp { get; set; } = true;
}
