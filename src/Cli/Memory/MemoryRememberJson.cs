namespace AgentKit.Cli.Memory;

/// <summary>The document of <c>memory remember --json</c>.</summary>
internal sealed record MemoryRememberJson(FactJson? Fact, bool IsNew, IReadOnlyList<FactJson> Superseded);
