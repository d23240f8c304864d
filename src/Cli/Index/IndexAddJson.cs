namespace AgentKit.Cli.Index;

/// <summary>The document of <c>index add --json</c>.</summary>
internal sealed record IndexAddJson(
    string Name,
    int Added,
    int Updated,
    int Unchanged,
    int Removed,
    int Failed,
    int ChunksWritten,
    int ChunksEnriched,
    long Bytes,
    IReadOnlyList<IndexAddJson.Fault> Errors,
    IReadOnlyList<IndexAddJson.Fault> NotEnriched,
    IReadOnlyDictionary<string, int> Skipped,
    double Seconds,
    IReadOnlyList<IndexAddJson.Fault> NotEmbedded)
{
    /// <summary>A source that could not be taken in.</summary>
    internal sealed record Fault(string Source, string Message);
}
