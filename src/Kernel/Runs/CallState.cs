using AgentKit.Kernel.Tools;

namespace AgentKit.Kernel.Runs;

/// <summary>A tool call of the latest reply and where it stands.</summary>
/// <param name="Step">Its tool step.</param>
/// <param name="Call">The call.</param>
/// <param name="Stage">Where it stands.</param>
public sealed record CallState(int Step, ToolCall Call, CallStage Stage)
{
    /// <summary>What the tool allowed when the call was started.</summary>
    public ToolReplay Replay { get; init; } = ToolReplay.Unsafe;

    /// <summary>Where the tool comes from, as far as an approval was asked for.</summary>
    public string? Server { get; init; }

    /// <summary>The recorded end.</summary>
    public AgentEvent.ToolCompleted? Done { get; init; }

    /// <summary>Whether somebody has to decide before the call can go on.</summary>
    public bool Waits => Stage is CallStage.AwaitsApproval or CallStage.Unknown;
}
