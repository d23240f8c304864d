using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>
/// Turns a run's events into the messages for the model's next call: a pure function, the same after a crash as before it.
/// </summary>
internal static class ChatHistory
{
    /// <summary>
    /// The messages. A call enters only together with its result, so no provider ever sees an orphan; a call that was refused or failed
    /// enters with what the model is told about it.
    /// </summary>
    public static List<ChatMessage> From(IReadOnlyList<AgentEvent> events)
    {
        var messages = new List<ChatMessage>();
        ILookup<string, AgentEvent.ToolCompleted> completed = events.OfType<AgentEvent.ToolCompleted>().ToLookup(t => t.Call.Id);
        foreach (AgentEvent e in events)
        {
            if (e is AgentEvent.RunStarted start)
            {
                if (start.Instructions is not null) messages.Add(new ChatMessage(ChatRole.System, start.Instructions));
                messages.Add(new ChatMessage(ChatRole.User, start.Task));
            }
            else if (e is AgentEvent.ModelReplied reply)
            {
                AddReply(messages, reply, [.. reply.Calls.SelectMany(call => completed[call.Id].Take(1))]);
            }
        }

        return messages;
    }

    private static void AddReply(List<ChatMessage> messages, AgentEvent.ModelReplied reply, IReadOnlyList<AgentEvent.ToolCompleted> results)
    {
        var contents = new List<AIContent>();
        if (!string.IsNullOrEmpty(reply.Reasoning)) contents.Add(new TextReasoningContent(reply.Reasoning));
        if (reply.Text.Length > 0) contents.Add(new TextContent(reply.Text));
        contents.AddRange(results.Select(
            t => new FunctionCallContent(t.Call.Id, t.Call.Name, ToolArguments.ToDictionary(t.Call.Arguments))));
        if (contents.Count > 0) messages.Add(new ChatMessage(ChatRole.Assistant, contents));

        // One message per result: chat templates of local models know no message with several.
        messages.AddRange(results.Select(t => new ChatMessage(
            ChatRole.Tool, [new FunctionResultContent(t.Call.Id, t.Error is null ? t.Result : $"Error: {t.Error}")])));
    }
}
