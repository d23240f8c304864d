using System.Text.Json.Nodes;

namespace AgentKit.Cli.Train;

/// <summary>The document of <c>train objective --json</c>.</summary>
internal sealed record TrainObjectiveJson(double Loss, JsonNode Gradient);
