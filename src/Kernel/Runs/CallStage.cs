namespace AgentKit.Kernel.Runs;

/// <summary>Where a tool call stands.</summary>
public enum CallStage
{
    /// <summary>Asked for by the model; nothing has been done about it.</summary>
    Open,

    /// <summary>Waits for somebody to approve it.</summary>
    AwaitsApproval,

    /// <summary>May run, also if its outcome was unknown before.</summary>
    Approved,

    /// <summary>INTENT: it was about to run, and no result is recorded.</summary>
    Started,

    /// <summary>UNKNOWN: it may or may not have taken effect, and somebody has to decide.</summary>
    Unknown,

    /// <summary>DONE: its result, or what the model is told instead, is recorded.</summary>
    Done,
}
