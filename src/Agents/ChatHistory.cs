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
    /// enters with what the model is told about it. What was compacted enters in its shorter form.
    /// </summary>
    public static List<ChatMessage> From(IReadOnlyList<AgentEvent> events)
    {
        var messages = new List<ChatMessage>();
        var shown = Compactions.From(events);
        ILookup<string, AgentEvent.ToolCompleted> completed = events.OfType<AgentEvent.ToolCompleted>().ToLookup(t => t.Call.Id);
        foreach (AgentEvent e in events)
        {
            switch (e)
            {
                case AgentEvent.RunStarted start:
                    AddStart(messages, start, events, shown);
                    break;
                case AgentEvent.ModelReplied reply when reply.Step > shown.HiddenThrough:
                    AddReply(messages, reply, [.. reply.Calls.SelectMany(call => completed[call.Id].Take(1))], shown);
                    break;
                case AgentEvent.AnswerRejected rejected when rejected.Step > shown.HiddenThrough:
                    messages.Add(new ChatMessage(ChatRole.User, rejected.Error));
                    break;
            }
        }

        return messages;
    }

    private static void AddStart(
        List<ChatMessage> messages, AgentEvent.RunStarted start, IReadOnlyList<AgentEvent> events, Compactions shown)
    {
        // One system message: many chat templates know no second one.
        AgentEvent.HandedOff? handoff = events.OfType<AgentEvent.HandedOff>().LastOrDefault();
        string? instructions = handoff is null ? start.Instructions : handoff.Instructions;
        IEnumerable<string> sections = events.OfType<AgentEvent.SectionAdded>()
            .Where(section => !shown.HiddenSections.Contains(section.Name))
            .OrderByDescending(section => section.Priority)
            .Select(section => $"# {section.Name}\n{section.Text}");
        string system = string.Join("\n\n", instructions is null ? sections : sections.Prepend(instructions));
        if (system.Length > 0) messages.Add(new ChatMessage(ChatRole.System, system));

        messages.Add(new ChatMessage(ChatRole.User, shown.Note is null ? start.Task : $"{start.Task}\n\n{shown.Note}"));
    }

    private static void AddReply(
        List<ChatMessage> messages,
        AgentEvent.ModelReplied reply,
        IReadOnlyList<AgentEvent.ToolCompleted> results,
        Compactions shown)
    {
        var contents = new List<AIContent>();
        if (!string.IsNullOrEmpty(reply.Reasoning)) contents.Add(new TextReasoningContent(reply.Reasoning));
        if (reply.Text.Length > 0) contents.Add(new TextContent(reply.Text));
        contents.AddRange(results.Select(
            t => new FunctionCallContent(t.Call.Id, t.Call.Name, ToolArguments.ToDictionary(t.Call.Arguments))));
        if (contents.Count > 0) messages.Add(new ChatMessage(ChatRole.Assistant, contents));

        // One message per result: chat templates of local models know no message with several.
        messages.AddRange(results.Select(t => new ChatMessage(
            ChatRole.Tool,
            [new FunctionResultContent(t.Call.Id, shown.Shorten(t.Step, t.Call.Name, t.Error is null ? t.Result ?? "" : $"Error: {t.Error}"))])));
    }
}
