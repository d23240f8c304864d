using System.Text.Json.Serialization;

namespace AgentKit.Kernel.Tools;

/// <summary>How far a decision on a call reaches.</summary>
public enum ApprovalScope
{
    /// <summary>This call only.</summary>
    [JsonStringEnumMemberName("once")]
    Once,

    /// <summary>This call and later ones of the same tool of the same server in this run.</summary>
    [JsonStringEnumMemberName("session")]
    Session,

    /// <summary>As <see cref="Session"/>, and the host keeps a rule for later runs.</summary>
    [JsonStringEnumMemberName("always")]
    Always,
}
