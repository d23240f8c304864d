using System.Text.Json.Serialization;

namespace AgentKit.Training.Runs;

/// <summary>JSON of the files in a run's folder.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(TrainingStep))]
[JsonSerializable(typeof(SftOptions))]
[JsonSerializable(typeof(TrainingSummary))]
internal sealed partial class RunsJsonContext : JsonSerializerContext;
