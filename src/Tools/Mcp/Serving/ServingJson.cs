using System.Text.Json.Serialization;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>How the server's own forms are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SealedState))]
[JsonSerializable(typeof(CreateTaskResult))]
internal sealed partial class ServingJson : JsonSerializerContext;
