using System.Text.Json;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>Decides whether a reply without tool calls is an answer that stands.</summary>
internal static class Answers
{
    private const int MostFaults = 5;

    /// <summary>The run's end, or <see cref="AgentEvent.AnswerRejected"/> when the model has to try again.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="schema">The form the answer has to have; any text when <c>null</c>.</param>
    public static AgentEvent Conclude(AgentEvent.ModelReplied reply, JsonElement? schema)
    {
        string? text = reply.Text.Length > 0 ? reply.Text : null;
        if (reply.FinishReason == ChatFinishReason.Length.Value)
            return Failed(FinishReasons.Length, "The model's answer was cut off at its output token limit.", text);
        if (reply.FinishReason == ChatFinishReason.ContentFilter.Value)
            return Failed(FinishReasons.Error, "The model's answer was withheld by its content filter.", text);
        if (string.IsNullOrWhiteSpace(text)) return Failed(FinishReasons.Empty, "The model gave neither text nor a tool call.", text);
        if (schema is { } form && Fault(form, text) is { } fault) return new AgentEvent.AnswerRejected(reply.Step, fault);
        return new AgentEvent.RunFinished(RunStatus.Completed, text, FinishReasons.Answered, Error: null);
    }

    private static string? Fault(JsonElement schema, string text)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(text);
            IReadOnlyList<string> faults = ArgumentValidator.Validate(schema, answer.RootElement);
            return faults.Count == 0 ? null : $"The answer does not have the expected form: {string.Join("; ", faults.Take(MostFaults))}.";
        }
        catch (JsonException)
        {
            return $"The answer must be JSON and nothing else, of this schema: {schema.GetRawText()}";
        }
    }

    private static AgentEvent.RunFinished Failed(string reason, string error, string? answer) =>
        new(RunStatus.Failed, string.IsNullOrWhiteSpace(answer) ? null : answer, reason, error);
}
