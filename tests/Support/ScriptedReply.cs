using Microsoft.Extensions.AI;

namespace AgentKit.Tests.Support;

/// <summary>What a <see cref="ScriptedModel"/> plays for one call: contents one by one, then the end or a failure.</summary>
public sealed record ScriptedReply(params IReadOnlyList<AIContent> Contents)
{
    /// <summary>Thrown after the contents.</summary>
    public Exception? Failure { get; init; }

    /// <summary>Waited for before the contents; cancellation ends the waiting.</summary>
    public Task? Gate { get; init; }

    public ChatFinishReason? FinishReason { get; init; }

    public UsageDetails Usage { get; init; } = new() { InputTokenCount = 10, CachedInputTokenCount = 4, OutputTokenCount = 3 };

    /// <summary>An answer in pieces.</summary>
    public static ScriptedReply Text(params string[] pieces) => new([.. pieces.Select(piece => new TextContent(piece))]);

    /// <summary>One tool call.</summary>
    public static ScriptedReply Call(string name, object? arguments = null, string id = "") => new(Function(name, arguments, id));

    /// <summary>Several tool calls at once.</summary>
    public static ScriptedReply Calls(params (string Name, object? Arguments)[] calls) =>
        new([.. calls.Select(call => Function(call.Name, call.Arguments))]);

    public static ScriptedReply Fail(Exception failure) => new() { Failure = failure };

    /// <param name="name">The tool.</param>
    /// <param name="arguments">An anonymous object with the arguments.</param>
    /// <param name="id">The call's id; empty for a model that gives none.</param>
    public static FunctionCallContent Function(string name, object? arguments = null, string id = "") => new(
        id, name, arguments?.GetType().GetProperties().ToDictionary(p => p.Name, p => p.GetValue(arguments)) ?? []);
}
