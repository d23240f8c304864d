namespace AgentKit.Tools.BuiltIn.Network;

/// <summary>What the <c>fetch</c> tool may reach.</summary>
public sealed record FetchOptions
{
    /// <summary>
    /// Hosts that may be asked, over https: <c>docs.example.com</c>, <c>*.example.com</c> (every host below it), <c>*</c> (every host), each
    /// perhaps with <c>:port</c>. An entry that begins with <c>http://</c> allows a host without encryption. Redirects are held to the same list.
    /// </summary>
    public required IReadOnlyList<string> AllowedHosts { get; init; }

    /// <summary>Most bytes of an answer that are read; what is left out is announced. 1 KiB to 64 MiB.</summary>
    /// <value>256 KiB</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MaxBytes
    {
        get;
        init => field = value is >= 1024 and <= 64 * 1024 * 1024
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxBytes), value, "1 KiB to 64 MiB");
    } = 256 * 1024;

    /// <summary>How long a call may take, redirects included. 1 second to 10 minutes.</summary>
    /// <value>20 seconds</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public TimeSpan Timeout
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromMinutes(10)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Timeout), value, "1 second to 10 minutes");
    } = TimeSpan.FromSeconds(20);
}
