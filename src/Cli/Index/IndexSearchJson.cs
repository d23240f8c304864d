namespace AgentKit.Cli.Index;

/// <summary>The document of <c>index search --json</c>.</summary>
internal sealed record IndexSearchJson(string Query, string Mode, IReadOnlyList<IndexSearchJson.Hit> Hits)
{
    /// <summary>A chunk that was found; <c>start</c> and <c>end</c> are characters in the document's text.</summary>
    internal sealed record Hit(
        long Id, string Source, string? Title, int? Page, string? Heading, int Start, int End, double Score, string Text, string? Context, string ChunkHash,
        string DocumentHash);
}
