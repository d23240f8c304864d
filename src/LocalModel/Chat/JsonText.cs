using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Models.Templates.Library;
using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Chat;

/// <summary>JSON text as Python writes it: <c>{"a": 1, "b": [2, 3]}</c>, not escaped to ASCII. Models were trained on this form.</summary>
internal static class JsonText
{
    public static string Write(JsonNode? node) => new JsonWriter().Write(InputValue.From(node)).Value;

    public static string Write(JsonElement element) => new JsonWriter().Write(InputValue.From(element)).Value;
}
