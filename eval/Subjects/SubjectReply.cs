using System.Text.Json.Serialization;
using AgentKit.Kernel.Runs;

namespace AgentKit.Eval.Subjects;

/// <summary>What a model wrote.</summary>
/// <param name="Text">Its text, without reasoning.</param>
/// <param name="Calls">The functions it wants to have called.</param>
/// <param name="Finish">Why it stopped: <c>stop</c>, <c>length</c>, <c>tool_calls</c>.</param>
[method: JsonConstructor]
public sealed record SubjectReply(string Text, IReadOnlyList<ToolCall> Calls, string Finish)
{
    /// <summary>A reply of text alone.</summary>
    public SubjectReply(string text, string finish = "stop")
        : this(text, [], finish)
    {
    }
}
