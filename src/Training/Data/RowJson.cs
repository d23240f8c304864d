using System.Text.Json;

namespace AgentKit.Training.Data;

/// <summary>Fields of a row; what is not as it should be is named with what was found and what is allowed.</summary>
internal static class RowJson
{
    /// <summary>A field that is there and not null.</summary>
    public static JsonElement? Find(this JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;

    public static JsonElement Object(JsonElement value, string path) => value.ValueKind == JsonValueKind.Object ? value : throw Fault(path, value, "an object is expected");

    public static IEnumerable<JsonElement> Items(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw Fault(path, value, "an array is expected");

    public static string Text(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.String) throw Fault(path, value, "a text is expected");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new RowException($"{path} is not Unicode text");
        }
    }

    public static string RequiredText(JsonElement row, string name, string path) =>
        row.Find(name) is { } value ? Text(value, $"{path}.{name}") : throw new RowException($"{path}.{name} is missing; a text is expected");

    /// <summary>The JSON that a text holds, or the value itself.</summary>
    public static JsonElement Nested(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.String) return value;
        try
        {
            using JsonDocument document = JsonDocument.Parse(Text(value, path));
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw Fault(path, value, "JSON is expected in it");
        }
    }

    public static RowException Fault(string path, JsonElement value, string allowed) => new($"{path} is {Short(value)}; {allowed}");

    private static string Short(JsonElement value)
    {
        string text = value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => $"an array of {value.GetArrayLength()}",
            _ => value.GetRawText(),
        };
        return text.Length <= 60 ? text : text[..57] + "...";
    }
}
