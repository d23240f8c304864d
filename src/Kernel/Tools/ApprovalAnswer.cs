using System.Text.Json.Serialization;

namespace AgentKit.Kernel.Tools;

/// <summary>What a policy says about calls of a tool.</summary>
public enum ApprovalAnswer
{
    /// <summary>They run.</summary>
    [JsonStringEnumMemberName("allow")]
    Allow,

    /// <summary>Somebody is asked before each.</summary>
    [JsonStringEnumMemberName("ask")]
    Ask,

    /// <summary>They do not run; the model is told.</summary>
    [JsonStringEnumMemberName("deny")]
    Deny,
}
