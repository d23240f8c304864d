namespace AgentKit.Models.Hub;

/// <summary>The server asks to come back later.</summary>
internal sealed class HubBusyException(string message, TimeSpan? retryAfter) : Exception(message)
{
    /// <summary>When, if it said so.</summary>
    public TimeSpan? RetryAfter => retryAfter;
}
