namespace AgentKit.Cli.Memory;

/// <summary>The document of <c>memory list --json</c> and <c>memory recall --json</c>.</summary>
internal sealed record MemoryFactsJson(IReadOnlyList<FactJson> Facts);
