using System.Text.Json.Nodes;

namespace AgentKit.Cli.Train;

/// <summary>The document of <c>train inspect --json</c>.</summary>
internal sealed record TrainInspectJson(
    string Name, string Architecture, int Rank, double Alpha, IReadOnlyList<string> Targets, int Matrices, long Weights, string? BaseName, string? BaseSha256, string? DataSha256,
    string? Objective, JsonNode? Config, JsonNode? Metrics, string? Head, bool? Fits, string? Misfit);
