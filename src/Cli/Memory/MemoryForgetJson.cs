namespace AgentKit.Cli.Memory;

/// <summary>The receipt that <c>memory forget --json</c> prints.</summary>
internal sealed record MemoryForgetJson(string Receipt, DateTimeOffset At, string Store, IReadOnlyList<string> Facts, IReadOnlyList<string> Runs);
