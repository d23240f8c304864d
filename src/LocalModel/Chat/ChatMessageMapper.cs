using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AgentKit.Models.Chat;

/// <summary>Writes chat messages and tools in the OpenAI shape that templates expect, adapted to what a template can express.</summary>
internal sealed class ChatMessageMapper(TemplateCapabilities capabilities, ToolSyntax syntax)
{
    public JsonArray MapMessages(IEnumerable<ChatMessage> messages, string? instructions)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var mapped = new JsonArray();
        if (!string.IsNullOrEmpty(instructions))
            mapped.Add(WithContent("system", instructions));
        foreach (var message in messages)
        {
            foreach (var part in Map(message, names))
                mapped.Add(part);
        }
        return capabilities.SystemRole ? mapped : MergeSystemIntoUser(mapped);
    }

    /// <summary>The tools as OpenAI function objects; null when there are none.</summary>
    public static JsonArray? MapTools(IEnumerable<AITool>? tools)
    {
        var mapped = new JsonArray();
        foreach (var tool in tools?.OfType<AIFunctionDeclaration>() ?? [])
        {
            mapped.Add(new JsonObject
            {
                ["type"] = "function",
                ["function"] = new JsonObject
                {
                    ["name"] = tool.Name,
                    ["description"] = tool.Description,
                    ["parameters"] = JsonSerializer.SerializeToNode(tool.JsonSchema),
                },
            });
        }
        return mapped.Count > 0 ? mapped : null;
    }

    private IEnumerable<JsonObject> Map(ChatMessage message, Dictionary<string, string> names)
    {
        foreach (var result in message.Contents.OfType<FunctionResultContent>())
            yield return MapResult(result, names);
        var text = string.Concat(message.Contents.OfType<TextContent>().Select(content => content.Text));
        var calls = message.Contents.OfType<FunctionCallContent>().ToList();
        foreach (var call in calls)
            names[call.CallId] = call.Name;
        var reasoning = string.Concat(message.Contents.OfType<TextReasoningContent>().Select(content => content.Text));
        if (calls.Count > 0 && !capabilities.ToolCalls && CallWriter.CanWrite(syntax))
        {
            text += CallWriter.Write(syntax, [.. calls.Select(call => (call.CallId, call.Name, Arguments(call)))]);
            calls = [];
        }
        var isOnlyResults = text.Length == 0 && calls.Count == 0 && reasoning.Length == 0
            && message.Contents.Any(content => content is FunctionResultContent);
        if (isOnlyResults)
            yield break;
        if (calls.Count > 0 && text.Length > 0 && capabilities.NullContentWithCalls)
            yield return WithContent(Role(message.Role), text);
        var mapped = calls.Count > 0 && capabilities.NullContentWithCalls
            ? TemplateProbe.Message(Role(message.Role), null)
            : WithContent(Role(message.Role), text);
        if (reasoning.Length > 0 && capabilities.ReasoningField is { } field)
            mapped[field] = reasoning;
        if (calls.Count > 0)
            mapped["tool_calls"] = new JsonArray([.. calls.Select(MapCall)]);
        yield return mapped;
    }

    private JsonObject MapCall(FunctionCallContent call) =>
        TemplateProbe.Call(call.CallId, call.Name, Arguments(call), capabilities.StringArguments);

    private static JsonObject Arguments(FunctionCallContent call) =>
        JsonSerializer.SerializeToNode(call.Arguments ?? new Dictionary<string, object?>(), AIJsonUtilities.DefaultOptions)!.AsObject();

    private JsonObject MapResult(FunctionResultContent result, Dictionary<string, string> names)
    {
        var content = ResultText(result.Result);
        var mapped = new JsonObject { ["role"] = "tool", ["tool_call_id"] = result.CallId };
        if (names.TryGetValue(result.CallId, out var name))
            mapped["name"] = name;
        mapped["content"] = capabilities.TypedContent ? TemplateProbe.TypedText(content) : content;
        return mapped;
    }

    private static string ResultText(object? result) => result switch
    {
        null => "",
        string text => text,
        TextContent content => content.Text,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        JsonElement element => JsonText.Write(element),
        _ => JsonText.Write(JsonSerializer.SerializeToElement(result, result.GetType(), AIJsonUtilities.DefaultOptions)),
    };

    private string Role(ChatRole role) => role.Value == "developer" && !capabilities.DeveloperRole ? "system" : role.Value;

    private JsonObject WithContent(string role, string text) =>
        TemplateProbe.Message(role, capabilities.TypedContent ? TemplateProbe.TypedText(text) : text);


    /// <summary>
    /// Puts system text in front of the first user message, with an empty line between; without a user message it becomes one.
    /// </summary>
    private JsonArray MergeSystemIntoUser(JsonArray messages)
    {
        bool IsRole(JsonNode? message, string role) => message!["role"]!.GetValue<string>() == role;
        var system = string.Join("\n\n", messages.Where(message => IsRole(message, "system")).Select(ContentText));
        if (system.Length == 0)
            return messages;
        var rest = messages.Where(message => !IsRole(message, "system")).Select(message => message!.DeepClone().AsObject()).ToList();
        var user = rest.Find(message => IsRole(message, "user"));
        if (user is null)
            rest.Insert(0, WithContent("user", system));
        else
            user["content"] = WithContent("user", $"{system}\n\n{ContentText(user)}")["content"]!.DeepClone();
        return [.. rest];
    }

    private static string ContentText(JsonNode? message) => message!["content"] switch
    {
        JsonArray parts => string.Concat(parts.Select(part => part!["text"]!.GetValue<string>())),
        var text => text?.GetValue<string>() ?? "",
    };
}
