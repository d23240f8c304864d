namespace AgentKit.Server.Sessions;

/// <summary>What a session's actor understands.</summary>
internal abstract record SessionMessage
{
    /// <summary>Begins the session; answered with it.</summary>
    public sealed record Begin(string? User) : SessionMessage;

    /// <summary>A request comes in; answered with the session.</summary>
    public sealed record Enter : SessionMessage;

    /// <summary>A request has been answered.</summary>
    public sealed record Leave : SessionMessage;

    /// <summary>Nobody has come for a while.</summary>
    public sealed record Idle : SessionMessage;
}
