namespace AgentKit.Cli.Index;

/// <summary>The document of <c>index status --json</c>.</summary>
internal sealed record IndexStatusJson(IReadOnlyList<IndexStatusJson.Knowledge> Indexes)
{
    /// <summary>One knowledge base.</summary>
    internal sealed record Knowledge(
        string Name, string File, int Documents, int Chunks, long Bytes, long FileBytes, IReadOnlyDictionary<string, int> Kinds, DateTimeOffset? LastRead,
        string Embedder, int Vectors, int Contexts);
}
