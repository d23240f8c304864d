using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.App;

/// <summary>Reads JSON files that options name, so that every fault names the option, the file and the place in it.</summary>
internal static class JsonFile
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];
    private static readonly JsonDocumentOptions Commented = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>A whole document. Of keys that occur twice the last counts, as in Python, but for files that people write.</summary>
    /// <param name="field">The option the path came from.</param>
    /// <param name="path">The file.</param>
    /// <param name="comments">Whether comments and trailing commas are allowed, and no key may occur twice, as in files that people write.</param>
    /// <exception cref="UserInputException">The file cannot be read or is not JSON.</exception>
    public static JsonNode? Read(string field, string path, bool comments = false)
    {
        ReadOnlyMemory<byte> json = TextFile.ReadBytes(field, path);
        if (json.Span.StartsWith(ByteOrderMark)) json = json[ByteOrderMark.Length..];
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, comments ? Commented : default);
            return Copy(document.RootElement.Clone(), new Place(field, path, "$", comments));
        }
        catch (JsonException e)
        {
            throw new UserInputException(
                field, $"{field}: {path}, line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: not JSON: {Reason(e)}", e);
        }
    }

    /// <summary>An array of objects, such as messages or tools.</summary>
    /// <param name="field">The option the path came from.</param>
    /// <param name="path">The file.</param>
    /// <param name="name">What the array holds, for the message: <c>messages</c>.</param>
    /// <exception cref="UserInputException">The file cannot be read or holds something else.</exception>
    public static JsonArray ReadObjects(string field, string path, string name)
    {
        JsonNode? root = Read(field, path);
        if (root is not JsonArray array)
            throw new UserInputException(field, $"{field}: {path} holds {Kind(root)}; an array of {name} is expected.");
        for (int i = 0; i < array.Count; i++)
        {
            if (array[i] is not JsonObject)
                throw new UserInputException(field, $"{field}: {path}: {name}[{i}] is {Kind(array[i])}; an object is expected.");
        }

        return array;
    }

    /// <summary>What a value is, in words.</summary>
    public static string Kind(JsonNode? node) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        _ => "a boolean",
    };

    /// <summary>What the parser found, without the place it repeats.</summary>
    public static string Reason(JsonException e)
    {
        int place = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return place < 0 ? e.Message : e.Message[..place];
    }

    /// <summary>A copy that is wholly read: lazily read nodes would fail on duplicate keys and broken text far from here.</summary>
    private static JsonNode? Copy(JsonElement element, Place place)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var copy = new JsonObject();
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    string name = place.Text(() => property.Name);
                    if (place.Unique && copy.ContainsKey(name))
                        throw new UserInputException(place.Field, $"{place.Field}: {place.File}: {place.Path}.{name} is there twice; one value is expected.");
                    copy[name] = Copy(property.Value, place with { Path = $"{place.Path}.{name}" });
                }

                return copy;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select((item, i) => Copy(item, place with { Path = $"{place.Path}[{i}]" }))]);
            case JsonValueKind.String:
                return JsonValue.Create(place.Text(() => element.GetString()!));
            case JsonValueKind.Null:
                return null;
            default:
                return JsonValue.Create(element);
        }
    }

    private sealed record Place(string Field, string File, string Path, bool Unique)
    {
        public string Text(Func<string> read)
        {
            try
            {
                return read();
            }
            catch (InvalidOperationException e)
            {
                throw new UserInputException(Field, $"{Field}: {File}: {Path} is not Unicode text: half of a surrogate pair or bytes that are not UTF-8.", e);
            }
        }
    }
}
