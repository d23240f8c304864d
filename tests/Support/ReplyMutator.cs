using System.Text;
using System.Text.Json.Nodes;

namespace AgentKit.Testing;

/// <summary>Damages a JSON-RPC message in one of the ways in which a broken or hostile server would; never breaks it into two lines.</summary>
internal static class ReplyMutator
{
    private static readonly string[] Values =
    [
        "null", "true", "-1", "1e999", "99999999999999999999", "\"\"", "[]", "{}", "[[[[]]]]", "{\"a\":{\"a\":{}}}",
        "\"\\u0000\"", "0.1", "[null]", "\"2026-07-28\"",
    ];

    private static readonly string[] Whole =
    [
        "", " ", "null", "[]", "{}", "\"text\"", "{\"jsonrpc\":\"2.0\"}", "{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":{}}",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"x\"}}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\",\"params\":5}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"roots/list\"}", "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"sampling/createMessage\",\"params\":{}}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":[],\"progress\":\"much\"}}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":{}}}", "<html>", "Content-Length: 5",
    ];

    public static byte[] Mutate(string message, Random random)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        switch (random.Next(7))
        {
            case 0:
                return Encoding.UTF8.GetBytes(Whole[random.Next(Whole.Length)]);
            case 1:
                return bytes[..random.Next(bytes.Length)];
            case 2:
                for (int i = random.Next(1, 6); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return OneLine(bytes);
            case 3:
                return Encoding.UTF8.GetBytes($"[{message},{message}]");
            case 4:
                return Encoding.UTF8.GetBytes(new string('[', random.Next(1, 2000)) + message);
            case 5:
                int at = random.Next(bytes.Length), length = random.Next(bytes.Length - at);
                return OneLine([.. bytes[..at], .. bytes[at..(at + length)], .. bytes[at..]]);
            default:
                return Encoding.UTF8.GetBytes(ReplaceValue(message, random));
        }
    }

    private static byte[] OneLine(byte[] bytes) => [.. bytes.Select(value => value is (byte)'\n' or (byte)'\r' ? (byte)' ' : value)];

    /// <summary>Another value in one of the places that hold one, the identifier excepted: a reply to nobody is only ignored.</summary>
    private static string ReplaceValue(string message, Random random)
    {
        JsonNode root = JsonNode.Parse(message)!;
        List<JsonNode> places = [];
        Collect(root, places);
        JsonNode place = places[random.Next(places.Count)];
        JsonNode? value = JsonNode.Parse(Values[random.Next(Values.Length)]);
        if (place.Parent is JsonObject parent) parent[place.GetPropertyName()] = value;
        else ((JsonArray)place.Parent!)[place.GetElementIndex()] = value;
        return root.ToJsonString();
    }

    private static void Collect(JsonNode? node, List<JsonNode> places)
    {
        if (node is { Parent: not null }) places.Add(node);
        if (node is JsonObject members)
        {
            foreach ((string name, JsonNode? value) in members)
            {
                if (name != "id") Collect(value, places);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (JsonNode? item in items) Collect(item, places);
        }
    }
}
