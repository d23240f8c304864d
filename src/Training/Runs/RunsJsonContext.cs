using System.Text.Json.Serialization;
using AgentKit.Training.Pretraining;
using AgentKit.Training.Rollouts;

namespace AgentKit.Training.Runs;

/// <summary>JSON of the files in a run's folder.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(TrainingStep))]
[JsonSerializable(typeof(SftOptions))]
[JsonSerializable(typeof(PreferenceRunOptions))]
[JsonSerializable(typeof(KtoRunOptions))]
[JsonSerializable(typeof(RewardRunOptions))]
[JsonSerializable(typeof(DistillRunOptions))]
[JsonSerializable(typeof(GrpoRunOptions))]
[JsonSerializable(typeof(PpoRunOptions))]
[JsonSerializable(typeof(PretrainOptions))]
[JsonSerializable(typeof(PretrainResult))]
[JsonSerializable(typeof(ModelSizes))]
[JsonSerializable(typeof(RolloutRound))]
[JsonSerializable(typeof(RunEngine))]
[JsonSerializable(typeof(TrainingSummary))]
[JsonSerializable(typeof(RunState))]
internal sealed partial class RunsJsonContext : JsonSerializerContext;
