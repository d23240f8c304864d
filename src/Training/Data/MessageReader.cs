using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AgentKit.Training.Data;

/// <summary>Reads messages and tools in OpenAI's shape, and turns of ShareGPT.</summary>
internal sealed class MessageReader
{
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool"];
    private static readonly string[] ReasoningFields = ["reasoning_content", "reasoning", "thinking"];

    private static readonly JsonElement EmptyObject = JsonElement.Parse("{}");

    private readonly Queue<string> _openCalls = new();
    private int _calls;

    public List<ChatMessage> Messages { get; } = [];

    public List<double> Weights { get; } = [];

    /// <summary>Reads a list of messages in OpenAI's shape.</summary>
    public void AddMessages(JsonElement messages, string path)
    {
        int i = 0;
        foreach (JsonElement message in RowJson.Items(messages, path)) AddMessage(message, $"{path}[{i++}]");
    }

    /// <summary>Reads turns of ShareGPT: <c>from</c> and <c>value</c>.</summary>
    public void AddTurns(JsonElement turns, string path)
    {
        int i = 0;
        foreach (JsonElement turn in RowJson.Items(turns, path)) AddTurn(turn, $"{path}[{i++}]");
    }

    public void AddText(ChatRole role, string text, string path)
    {
        if (role == ChatRole.Assistant && text.Length == 0) throw new RowException($"{path} is an empty message of the assistant; there is nothing to learn from it");
        Add(role, [new TextContent(text)], null);
    }

    public void AddTurn(JsonElement turn, string path)
    {
        string from = RowJson.RequiredText(RowJson.Object(turn, path), "from", path);
        string value = RowJson.RequiredText(turn, "value", path);
        switch (from)
        {
            case "human" or "user":
                AddText(ChatRole.User, value, path);
                break;
            case "gpt" or "assistant" or "chatgpt":
                AddText(ChatRole.Assistant, value, path);
                break;
            case "system":
                AddText(ChatRole.System, value, path);
                break;
            case "function_call":
                JsonElement calls = RowJson.Nested(turn.GetProperty("value"), $"{path}.value");
                Add(ChatRole.Assistant, calls.ValueKind == JsonValueKind.Array ? Calls(calls, $"{path}.value") : [Call(calls, $"{path}.value")], null);
                break;
            case "observation" or "tool" or "function_response":
                Add(ChatRole.Tool, [new FunctionResultContent(NextOpenCall(path), value)], null);
                break;
            default:
                throw new RowException($"{path}.from is \"{from}\"; one of human, gpt, system, function_call, observation is expected");
        }
    }

    public static IReadOnlyList<AITool> Tools(JsonElement row)
    {
        if (row.Find("tools") is not { } value) return [];
        // LLaMA-Factory's files hold the list as a text, which is empty where there are no tools.
        if (value.ValueKind == JsonValueKind.String && RowJson.Text(value, "tools").Trim().Length == 0) return [];
        JsonElement list = RowJson.Nested(value, "tools");
        return [.. RowJson.Items(list, "tools").Select((tool, i) => Tool(tool, $"tools[{i}]"))];
    }

    private void AddMessage(JsonElement message, string path)
    {
        string role = RowJson.RequiredText(RowJson.Object(message, path), "role", path);
        if (!Roles.Contains(role)) throw new RowException($"{path}.role is \"{role}\"; one of {string.Join(", ", Roles)} is expected");
        List<AIContent> contents = Contents(message, path);
        if (role == "tool")
        {
            string id = message.Find("tool_call_id") is { } given ? TakeOpenCall(RowJson.Text(given, $"{path}.tool_call_id"), path) : NextOpenCall(path);
            contents = [new FunctionResultContent(id, string.Concat(contents.OfType<TextContent>().Select(content => content.Text)))];
        }
        else if (role == "assistant")
        {
            foreach (string field in ReasoningFields)
            {
                if (message.Find(field) is { } reasoning && RowJson.Text(reasoning, $"{path}.{field}") is { Length: > 0 } text)
                    contents.Insert(0, new TextReasoningContent(text));
            }

            if (message.Find("tool_calls") is { } calls) contents.AddRange(Calls(calls, $"{path}.tool_calls"));
            if (contents.Count == 0) throw new RowException($"{path} is an empty message of the assistant; content or tool_calls is needed");
        }

        Add(new ChatRole(role), contents, Weight(message, path));
    }

    private void Add(ChatRole role, List<AIContent> contents, double? weight)
    {
        Messages.Add(new(role, contents));
        Weights.Add(role == ChatRole.Assistant ? weight ?? 1 : 0);
    }

    private static double? Weight(JsonElement message, string path)
    {
        foreach (string field in (string[])["weight", "loss_weight"])
        {
            if (message.Find(field) is not { } value) continue;
            return value.ValueKind == JsonValueKind.Number && value.GetDouble() is >= 0 and var weight && double.IsFinite(weight)
                ? weight
                : throw RowJson.Fault($"{path}.{field}", value, "a number of 0 or more is expected");
        }

        return null;
    }

    private List<AIContent> Contents(JsonElement message, string path)
    {
        if (message.Find("content") is not { } content) return [];
        if (content.ValueKind == JsonValueKind.String) return RowJson.Text(content, $"{path}.content") is { Length: > 0 } text ? [new TextContent(text)] : [];
        if (content.ValueKind != JsonValueKind.Array) throw RowJson.Fault($"{path}.content", content, "a text or an array of parts is expected");
        int i = 0;
        List<AIContent> contents = [];
        foreach (JsonElement part in content.EnumerateArray()) contents.AddRange(Part(part, $"{path}.content[{i++}]"));
        return contents;
    }

    private IEnumerable<AIContent> Part(JsonElement part, string path)
    {
        string type = RowJson.RequiredText(RowJson.Object(part, path), "type", path);
        string Value() => part.Find("text") is { } text ? RowJson.Text(text, $"{path}.text") : RowJson.RequiredText(part, "value", path);
        return type switch
        {
            "text" => [new TextContent(Value())],
            "reasoning" => [new TextReasoningContent(Value())],
            "tool_call" => [Call(RowJson.Nested(part.Find("value") ?? part, $"{path}.value"), $"{path}.value")],
            _ => throw new RowException($"{path}.type is \"{type}\"; text, reasoning or tool_call is expected: these models read text only"),
        };
    }

    private List<AIContent> Calls(JsonElement calls, string path) => [.. RowJson.Items(calls, path).Select((call, i) => Call(call, $"{path}[{i}]"))];

    private AIContent Call(JsonElement call, string path)
    {
        JsonElement function = RowJson.Object(call, path).Find("function") is { } inner ? RowJson.Object(inner, $"{path}.function") : call;
        string name = RowJson.RequiredText(function, "name", path);
        JsonElement arguments = function.Find("arguments") is { } given ? RowJson.Nested(given, $"{path}.arguments") : EmptyObject;
        if (arguments.ValueKind != JsonValueKind.Object) throw RowJson.Fault($"{path}.arguments", arguments, "an object is expected, or a text that holds one");
        string id = call.Find("id") is { } written ? RowJson.Text(written, $"{path}.id") : $"call_{_calls + 1}";
        _calls++;
        _openCalls.Enqueue(id);
        return new FunctionCallContent(id, name, arguments.EnumerateObject().GroupBy(field => field.Name).ToDictionary(field => field.Key, field => (object?)field.Last().Value));
    }

    private string NextOpenCall(string path) =>
        _openCalls.TryDequeue(out string? id) ? id : throw new RowException($"{path} is a tool's result, but no call is waiting for one");

    private string TakeOpenCall(string id, string path)
    {
        if (!_openCalls.Contains(id)) throw new RowException($"{path}.tool_call_id is \"{id}\", which no call before it has");
        string[] left = [.. _openCalls.Where(open => open != id)];
        _openCalls.Clear();
        foreach (string open in left) _openCalls.Enqueue(open);
        return id;
    }

    private static AITool Tool(JsonElement tool, string path)
    {
        JsonElement function = RowJson.Object(tool, path).Find("function") is { } inner ? RowJson.Object(inner, $"{path}.function") : tool;
        JsonElement? schema = function.Find("parameters") ?? function.Find("input_schema");
        return AIFunctionFactory.CreateDeclaration(
            RowJson.RequiredText(function, "name", path),
            function.Find("description") is { } text ? RowJson.Text(text, $"{path}.description") : "",
            schema is { } given ? RowJson.Object(given, $"{path}.parameters") : EmptyObject);
    }
}
