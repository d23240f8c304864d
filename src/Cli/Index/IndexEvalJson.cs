using System.Text.Json.Serialization;

namespace AgentKit.Cli.Index;

/// <summary>The document of <c>index eval --json</c>.</summary>
internal sealed record IndexEvalJson(
    string Mode,
    [property: JsonPropertyName("ndcg@10")] double Ndcg10,
    [property: JsonPropertyName("recall@100")] double Recall100,
    [property: JsonPropertyName("mrr@10")] double Mrr10,
    int Queries,
    int Documents,
    int Chunks,
    int ChunkTokens,
    double QueriesPerSecond,
    double Seconds);
