using System.Text.Json.Serialization;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>The file of <see cref="McpApprovals"/>.</summary>
internal sealed record ApprovalsFile
{
    public const int Current = 1;

    public required int Version { get; init; }

    public required Dictionary<string, ApprovedServer> Servers { get; init; }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApprovalsFile))]
internal sealed partial class ApprovalsJson : JsonSerializerContext;
