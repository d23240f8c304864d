using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Tasks.Functions;

/// <summary>
/// Descriptions of functions in the leaderboard's words (<c>dict</c>, <c>float</c>, Java's and JavaScript's types) as JSON schema.
/// </summary>
internal static class FunctionSchema
{
    private static readonly Dictionary<string, string?> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["dict"] = "object", ["hashmap"] = "object", ["object"] = "object", ["array"] = "array", ["arraylist"] = "array",
            ["list"] = "array", ["tuple"] = "array",
        ["float"] = "number", ["double"] = "number", ["number"] = "number", ["integer"] = "integer", ["long"] = "integer",
            ["int"] = "integer",
        ["boolean"] = "boolean", ["string"] = "string", ["char"] = "string", ["any"] = null,
    };

    public static AITool ToTool(JsonElement function)
    {
        JsonNode schema = Convert(JsonNode.Parse(function.GetProperty("parameters").GetRawText()))!;
        return AIFunctionFactory.CreateDeclaration(
            CallMatcher.PlainName(function.Text("name")), function.Text("description"), JsonSerializer.SerializeToElement(schema));
    }

    private static JsonNode? Convert(JsonNode? node)
    {
        if (node is not JsonObject schema) return node?.DeepClone();
        var result = new JsonObject();
        foreach ((string key, JsonNode? value) in schema)
        {
            switch (key)
            {
                case "type":
                    // A type that JSON does not know leaves the value open.
                    if (value is JsonValue && Types.GetValueOrDefault(value.GetValue<string>()) is { } type) result["type"] = type;
                    break;
                case "properties":
                    result[key] = new JsonObject(((JsonObject)value!).Select(pair => KeyValuePair.Create(pair.Key, Convert(pair.Value))));
                    break;
                case "items" or "additionalProperties":
                    result[key] = Convert(value);
                    break;
                case "required" or "enum" or "description":
                    result[key] = value?.DeepClone();
                    break;
            }
        }

        return result;
    }
}
