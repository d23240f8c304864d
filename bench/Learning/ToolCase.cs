using System.Text.Json.Nodes;

namespace AgentKit.Bench.Learning;

/// <summary>One row of the tool-call data: what is asked, with which tools, and the calls that are right.</summary>
internal sealed record ToolCase(JsonArray Messages, JsonArray Tools, JsonArray Calls)
{
    /// <summary>The rows of files that expect calls and are not longer than so many characters, in file order.</summary>
    public static IReadOnlyList<ToolCase> Read(string folder, string[] files, int mostCharacters) =>
    [
        .. files.SelectMany(file => File.ReadLines(Path.Combine(folder, file)))
            .Where(line => line.Length <= mostCharacters)
            .Select(line => JsonNode.Parse(line)!.AsObject())
            .Where(row => row["expected"]!["tool_calls"] is JsonArray && row["tools"] is JsonArray)
            .Select(row => new ToolCase(row["messages"]!.DeepClone().AsArray(), row["tools"]!.DeepClone().AsArray(), row["expected"]!["tool_calls"]!.DeepClone().AsArray())),
    ];

    /// <summary>A row for <c>train sft</c>: only the last message is learned.</summary>
    public string ToConversation() => Conversation(Message(Calls));

    /// <summary>A row for <c>train sft</c> that teaches what is wrong: the request is refused.</summary>
    public string ToRefusal() => Conversation(new() { ["role"] = "assistant", ["content"] = "I have no tool for that." });

    /// <summary>A row for <c>train grpo</c>.</summary>
    public string ToPrompt() => new JsonObject
    {
        ["prompt"] = Messages.DeepClone(), ["tools"] = Tools.DeepClone(), ["reward"] = new JsonObject { ["tool_calls"] = Calls.DeepClone() },
    }.ToJsonString();

    /// <summary>A row for <c>train dpo</c>: the right calls, and what a model wrote instead.</summary>
    public string ToPair(JsonObject rejected) => new JsonObject
    {
        ["prompt"] = Messages.DeepClone(), ["tools"] = Tools.DeepClone(), ["chosen"] = new JsonArray(Message(Calls)), ["rejected"] = new JsonArray(rejected.DeepClone()),
    }.ToJsonString();

    /// <summary>A message of the assistant with calls.</summary>
    public static JsonObject Message(JsonArray calls) => new()
    {
        ["role"] = "assistant",
        ["tool_calls"] = new JsonArray([.. calls.Select(call => new JsonObject { ["type"] = "function", ["function"] = call!.DeepClone() })]),
    };

    private string Conversation(JsonObject answer)
    {
        JsonArray messages = Unweighted();
        messages.Add(answer);
        return new JsonObject { ["messages"] = messages, ["tools"] = Tools.DeepClone() }.ToJsonString();
    }

    private JsonArray Unweighted()
    {
        JsonArray messages = Messages.DeepClone().AsArray();
        foreach (JsonObject message in messages.OfType<JsonObject>().Where(message => (string?)message["role"] == "assistant")) message["weight"] = 0;
        return messages;
    }
}
