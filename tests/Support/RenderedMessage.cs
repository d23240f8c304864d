using System.Text.Json.Nodes;
using AgentKit.Models.Chat;
using AgentKit.Models.Templates;

namespace AgentKit.Tests.Support;

/// <summary>One assistant message as a template writes it behind a question, cut out of the prompt in different ways.</summary>
internal static class RenderedMessage
{
    public const string Question = "What do you think of that?";

    private static readonly JsonArray Tools = JsonNode.Parse("""
        [
          {"type": "function", "function": {"name": "get_weather", "description": "Get the weather.", "parameters": {"type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}}},
          {"type": "function", "function": {"name": "add_numbers", "description": "Add numbers.", "parameters": {"type": "object",
            "properties": {"values": {"type": "array", "items": {"type": "number"}}, "options": {"type": "object"}}, "required": ["values"]}}},
          {"type": "function", "function": {"name": "ping", "description": "No arguments.", "parameters": {"type": "object", "properties": {}}}}
        ]
        """)!.AsArray();

    /// <summary>The ways: with the header, without it, and what follows the generation prompt where the template repeats that.</summary>
    public static IEnumerable<(string Way, string Text)> Ways(ChatFormat format, string content, string? reasoning, params JsonObject[] calls)
    {
        JsonObject message = new() { ["role"] = "assistant", ["content"] = calls.Length > 0 && content.Length == 0 && format.Capabilities.NullContentWithCalls ? null : Content(format, content) };
        if (reasoning is not null) message[format.Capabilities.ReasoningField!] = reasoning;
        if (calls.Length > 0) message["tool_calls"] = new JsonArray([.. calls.Select(call => AsWanted(format, call))]);
        string? full = Render(format, false, message);
        if (full is null) yield break;
        string prompt = Render(format, true)!;
        string tail = Tail(full), header = Tail(prompt), question = Tail(Render(format, false)!);
        yield return ("with the end of the question", tail);
        if (tail.StartsWith(question, StringComparison.Ordinal)) yield return ("whole turn", tail[question.Length..]);
        yield return ("behind what prompt and history share", tail[MarkerText.CommonPrefix(tail, header)..]);
        if (tail.StartsWith(header, StringComparison.Ordinal))
        {
            yield return ("behind the generation prompt", tail[header.Length..]);
            yield return ("without the end of the turn", WithoutEnd(format, tail[header.Length..]));
        }
        else if (format.ToolSyntax.ForcedOpenReasoning)
        {
            string plain = header[..header.LastIndexOf(format.ToolSyntax.ReasoningStart.Trim(), StringComparison.Ordinal)];
            if (tail.StartsWith(plain, StringComparison.Ordinal))
            {
                yield return ("behind the header", tail[plain.Length..]);
                yield return ("behind the header without the end", WithoutEnd(format, tail[plain.Length..]));
            }
        }
    }

    private static string WithoutEnd(ChatFormat format, string text)
    {
        const string marker = "An5swer";
        string? full = Render(format, false, new JsonObject { ["role"] = "assistant", ["content"] = Content(format, marker) });
        string end = full is null ? "" : full[(full.LastIndexOf(marker, StringComparison.Ordinal) + marker.Length)..];
        return text.EndsWith(end, StringComparison.Ordinal) ? text[..^end.Length] : text;
    }

    private static JsonNode Content(ChatFormat format, string text) => format.Capabilities.TypedContent
        ? new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text })
        : JsonValue.Create(text);

    private static JsonObject AsWanted(ChatFormat format, JsonObject call)
    {
        var copy = call.DeepClone().AsObject();
        if (format.Capabilities.StringArguments) copy["function"]!["arguments"] = copy["function"]!["arguments"]!.ToJsonString();
        return copy;
    }

    private static string Tail(string prompt) => prompt[(prompt.LastIndexOf(Question, StringComparison.Ordinal) + Question.Length)..];

    private static string? Render(ChatFormat format, bool generationPrompt, params JsonObject[] messages)
    {
        try
        {
            return format.Template.Render(new TemplateInput
            {
                Messages = [new JsonObject { ["role"] = "user", ["content"] = Content(format, Question) }, .. messages.Select(message => message.DeepClone())],
                Tools = Tools.DeepClone().AsArray(),
                AddGenerationPrompt = generationPrompt,
                BosToken = "<s>",
                EosToken = "</s>",
                Variables = format.Capabilities.FunctionsVariable
                    ? TemplateProbe.FunctionsVariables(Tools, ChatTemplateData.Now)
                    : new Dictionary<string, object?>(),
            }, new FixedTime(ChatTemplateData.Now)).Text;
        }
        catch (TemplateException)
        {
            return null;
        }
    }
}
