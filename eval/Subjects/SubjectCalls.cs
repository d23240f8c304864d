using System.Text.Json;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Subjects;

/// <summary>Function calls as the task and the log see them.</summary>
internal static class SubjectCalls
{
    public static ToolCall From(FunctionCallContent call) => new(
        call.CallId,
        call.Name,
        call.Arguments is null ? null
            : JsonSerializer.SerializeToElement(call.Arguments.ToDictionary(pair => pair.Key, pair => pair.Value), EvalJson.Compact));

    public static FunctionCallContent ToContent(ToolCall call) => new(
        call.Id,
        call.Name,
        call.Arguments is { ValueKind: JsonValueKind.Object } arguments
            ? arguments.EnumerateObject().ToDictionary(property => property.Name, property => (object?)property.Value)
            : null);

    /// <summary>The calls as one line of JSON each, for people and for the log.</summary>
    public static string Describe(IEnumerable<ToolCall> calls) =>
        string.Join('\n', calls.Select(call => $"{call.Name}({call.Arguments?.GetRawText() ?? "?"})"));
}
