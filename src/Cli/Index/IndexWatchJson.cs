using AgentKit.Memory.Knowledge.Ingest;

namespace AgentKit.Cli.Index;

/// <summary>The document of <c>index watch --json</c>, written when it is stopped: what all rounds have done together.</summary>
internal sealed record IndexWatchJson(string Name, int Rounds, int Added, int Updated, int Removed, int Failed)
{
    public IndexWatchJson Plus(IngestReport report) => this with
    {
        Rounds = Rounds + 1,
        Added = Added + report.Added,
        Updated = Updated + report.Updated,
        Removed = Removed + report.Removed,
        Failed = report.Faults.Count,
    };
}
