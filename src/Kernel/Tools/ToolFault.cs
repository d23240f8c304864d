using System.Text.Json.Serialization;

namespace AgentKit.Kernel.Tools;

/// <summary>Whose fault a failed call is. A tool that refuses with a reason has worked.</summary>
public enum ToolFault
{
    /// <summary>The model asked for a tool that is not there, or with arguments that do not fit.</summary>
    [JsonStringEnumMemberName("model")]
    Model,

    /// <summary>The tool crashed.</summary>
    [JsonStringEnumMemberName("tool")]
    Tool,

    /// <summary>The call was not approved.</summary>
    [JsonStringEnumMemberName("rejected")]
    Rejected,
}
