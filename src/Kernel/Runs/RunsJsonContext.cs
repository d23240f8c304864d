using System.Text.Json.Serialization;

namespace AgentKit.Kernel.Runs;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 256)]
[JsonSerializable(typeof(AgentEvent))]
[JsonSerializable(typeof(RunView))]
[JsonSerializable(typeof(RunDiff))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class RunsJsonContext : JsonSerializerContext;
