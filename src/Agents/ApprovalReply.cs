using AgentKit.Kernel.Tools;

namespace AgentKit.Agents;

/// <summary>The answer to an <see cref="ApprovalRequest"/>.</summary>
public sealed record ApprovalReply
{
    private ApprovalReply(bool? approved, ApprovalScope scope, string? reason) => (Approved, Scope, Reason) = (approved, scope, reason);

    /// <summary>Whether the call may run; <c>null</c> when nobody has decided yet.</summary>
    public bool? Approved { get; }

    /// <summary>How far an approval reaches.</summary>
    public ApprovalScope Scope { get; }

    /// <summary>Why, in words for the model.</summary>
    public string? Reason { get; }

    /// <summary>
    /// Nobody has decided: the run stands as <see cref="Kernel.Runs.RunStatus.Waiting"/> once the other calls are done, and goes on after
    /// a decision and <see cref="Agent.ResumeAsync"/>, in this process or another.
    /// </summary>
    public static ApprovalReply Wait { get; } = new(null, ApprovalScope.Once, null);

    /// <summary>The call may run.</summary>
    /// <param name="scope">How far that reaches.</param>
    public static ApprovalReply Approve(ApprovalScope scope = ApprovalScope.Once) => new(true, scope, null);

    /// <summary>The call may not run; the model is told.</summary>
    /// <param name="reason">Why, in words for the model.</param>
    public static ApprovalReply Reject(string? reason = null) => new(false, ApprovalScope.Once, reason);
}
