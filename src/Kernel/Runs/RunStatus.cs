using System.Text.Json.Serialization;

namespace AgentKit.Kernel.Runs;

/// <summary>Where a run stands.</summary>
public enum RunStatus
{
    /// <summary>A live process is working on it.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Stands until someone acts: an approval, an unknown outcome.</summary>
    [JsonStringEnumMemberName("waiting")]
    Waiting,

    /// <summary>Ended with an answer.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>Ended without an answer; its finish reason says why.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>The process that worked on it is gone and the run had not ended.</summary>
    [JsonStringEnumMemberName("interrupted")]
    Interrupted,
}
