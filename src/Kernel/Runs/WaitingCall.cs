using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentKit.Kernel.Runs;

/// <summary>A tool call that somebody has to decide on.</summary>
/// <param name="CallId">The call's id in its run.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">The arguments it would run with.</param>
/// <param name="OutcomeUnknown">
/// Whether the call may have taken effect already: the run stopped while it ran. Otherwise it has not run and needs an approval.
/// </param>
public sealed record WaitingCall(
    string CallId,
    string Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Arguments,
    bool OutcomeUnknown);
