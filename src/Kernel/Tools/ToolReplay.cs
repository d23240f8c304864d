using System.Text.Json.Serialization;

namespace AgentKit.Kernel.Tools;

/// <summary>What may be done with a tool call whose outcome is unknown after a crash.</summary>
public enum ToolReplay
{
    /// <summary>Has no effect and depends on its arguments only: run again freely.</summary>
    [JsonStringEnumMemberName("pure")]
    Pure,

    /// <summary>Running it again with the same key has the effect of running it once.</summary>
    [JsonStringEnumMemberName("idempotent")]
    Idempotent,

    /// <summary>Can say whether the effect took place; asked before it is run again.</summary>
    [JsonStringEnumMemberName("verifiable")]
    Verifiable,

    /// <summary>Must not be run again without a person's decision. The default for tools that declare nothing.</summary>
    [JsonStringEnumMemberName("unsafe")]
    Unsafe,
}
