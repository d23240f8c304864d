using System.Text.Json;
using AgentKit.Models.Chat;
using Microsoft.Extensions.AI;

namespace AgentKit.Tests.LocalModel.Chat;

/// <summary>An assistant message, rendered by a template as history and read back by the parser as if a model had written it.</summary>
internal sealed class Conversation(ChatFormat format)
{
    public const string Question = "What do you think of that?";
    private const string Marker = "An5swer";

    public static IList<AITool> Tools { get; } =
    [
        AIFunctionFactory.CreateDeclaration("get_weather", "Get the weather.", Schema("""
            {"type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}
            """)),
        AIFunctionFactory.CreateDeclaration("add_numbers", "Add numbers.", Schema("""
            {"type": "object", "properties": {"values": {"type": "array", "items": {"type": "number"}}, "options": {"type": "object"}}, "required": ["values"]}
            """)),
        AIFunctionFactory.CreateDeclaration("ping", "No arguments.", Schema("""{"type": "object", "properties": {}}""")),
    ];

    public static FunctionCallContent Weather(string id = "abc123def") => new(id, "get_weather", new Dictionary<string, object?>
    {
        ["city"] = "Zürich \"West\" <b>", ["unit"] = "celsius", ["days"] = 3,
    });

    public static FunctionCallContent Sum(string id = "abc123deg") => new(id, "add_numbers", new Dictionary<string, object?>
    {
        ["values"] = new[] { 1, 2.5, -3 }, ["options"] = new Dictionary<string, object?> { ["round"] = true },
    });

    public static FunctionCallContent Ping(string id = "abc123deh") => new(id, "ping", new Dictionary<string, object?>());

    /// <summary>What the model writes for a message, and the prompt in front of it.</summary>
    public (string Prompt, string Output) Render(params AIContent[] contents)
    {
        var options = new ChatOptions { Tools = Tools };
        var user = new ChatMessage(ChatRole.User, Question);
        var prompt = format.Render([user], options).Text;
        var full = Tail(format.Render([user, new ChatMessage(ChatRole.Assistant, contents)], options, addGenerationPrompt: false).Text);
        var answer = Tail(format.Render([user, new ChatMessage(ChatRole.Assistant, Marker)], options, addGenerationPrompt: false).Text);
        var footer = answer[(answer.IndexOf(Marker, StringComparison.Ordinal) + Marker.Length)..];
        var opening = Tail(prompt);
        // Reasoning that only the prompt opens is not closed in the history: there the prompt counts as it is.
        var syntax = format.ToolSyntax;
        var isOpen = contents[0] is TextReasoningContent && syntax.ForcedOpenReasoning
            && !full.Contains(syntax.ReasoningStart.Trim(), StringComparison.Ordinal);
        var common = MarkerText.CommonPrefix(full, opening);
        var output = full[common..];
        if (footer.Length > 0 && output.EndsWith(footer, StringComparison.Ordinal))
            output = output[..^footer.Length];
        return (isOpen ? prompt : prompt[..(prompt.Length - opening.Length + common)], output);
    }

    public (List<AIContent> Contents, ChatOutputParser Parser) Parse(string prompt, string output, int chunk = int.MaxValue)
    {
        var parser = format.CreateParser(prompt, Tools);
        var contents = new List<AIContent>();
        for (var i = 0; i < output.Length; i += Math.Min(chunk, output.Length - i))
            contents.AddRange(parser.Push(output.Substring(i, Math.Min(chunk, output.Length - i))));
        contents.AddRange(parser.Finish());
        return (contents, parser);
    }

    public static string Describe(IEnumerable<AIContent> contents)
    {
        var parts = new List<string>();
        foreach (var content in contents)
        {
            var (kind, text) = content switch
            {
                FunctionCallContent call => ($"call {call.Name} ",
                    JsonSerializer.Serialize(call.Arguments!.OrderBy(argument => argument.Key, StringComparer.Ordinal).ToDictionary())),
                TextReasoningContent reasoning => ("reasoning ", reasoning.Text),
                _ => ("text ", ((TextContent)content).Text),
            };
            if (content is not FunctionCallContent && parts.Count > 0 && parts[^1].StartsWith(kind, StringComparison.Ordinal))
                parts[^1] += text;
            else
                parts.Add(kind + text);
        }
        return string.Join("\n", parts);
    }

    private static string Tail(string prompt) => prompt[(prompt.LastIndexOf(Question, StringComparison.Ordinal) + Question.Length)..];

    private static JsonElement Schema(string json) => JsonDocument.Parse(json).RootElement;
}
