using System.Text.Json.Serialization;

namespace AgentKit.Kernel.Runs;

/// <summary>What a step does.</summary>
public enum RunStepKind
{
    /// <summary>Asks the model.</summary>
    [JsonStringEnumMemberName("model")]
    Model,

    /// <summary>Runs a tool.</summary>
    [JsonStringEnumMemberName("tool")]
    Tool,
}
