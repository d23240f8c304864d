using System.Text.Json.Serialization;

namespace AgentKit.Kernel.Tools;

/// <summary>The strongest effect a tool has on the world, from weakest to strongest.</summary>
public enum SideEffect
{
    /// <summary>Computes only.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>Reads this machine's files or state.</summary>
    [JsonStringEnumMemberName("local_read")]
    LocalRead,

    /// <summary>Changes this machine's files or state.</summary>
    [JsonStringEnumMemberName("local_write")]
    LocalWrite,

    /// <summary>Reads over the network.</summary>
    [JsonStringEnumMemberName("network_read")]
    NetworkRead,

    /// <summary>Changes something over the network.</summary>
    [JsonStringEnumMemberName("network_write")]
    NetworkWrite,

    /// <summary>Cannot be undone: sends mail, pays, deletes. The default for tools that declare nothing.</summary>
    [JsonStringEnumMemberName("irreversible")]
    Irreversible,
}
