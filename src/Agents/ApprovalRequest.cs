using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;

namespace AgentKit.Agents;

/// <summary>A question to whoever decides on tool calls.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Call">The call as it would run; its arguments fit the tool's schema.</param>
/// <param name="Server">Where the tool comes from; <c>null</c> for the program's own functions.</param>
/// <param name="SideEffect">The strongest effect the call may have.</param>
/// <param name="OutcomeUnknown">
/// Whether the call was interrupted while it ran and may have taken effect already; approving it runs it again.
/// </param>
public sealed record ApprovalRequest(string RunId, ToolCall Call, string? Server, SideEffect SideEffect, bool OutcomeUnknown);
