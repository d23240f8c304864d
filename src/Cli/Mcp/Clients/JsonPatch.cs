using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AgentKit.Cli.Mcp.Clients;

/// <summary>Sets one property in the text of a JSON file and leaves every other byte as it is, comments included.</summary>
internal static class JsonPatch
{
    /// <summary>The text with <c>parent.name</c> set; what is missing on the way is added.</summary>
    /// <param name="text">An object.</param>
    /// <param name="parent">A property of it that holds an object, or is missing.</param>
    /// <param name="name">The property to set in it.</param>
    /// <param name="value">Its value, indented JSON.</param>
    /// <param name="allowComments">Whether comments and trailing commas are allowed.</param>
    /// <exception cref="JsonException">The text is not JSON, is not an object, or <paramref name="parent"/> is something else than an object.</exception>
    public static string Set(string text, string parent, string name, string value, bool allowComments)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Reject(bytes, allowComments);
        Place outer = Find(bytes, 0, parent, allowComments);
        if (!outer.Found) return Insert(bytes, outer, parent, $"{{\n  {Quoted(name)}: {Indent(value, "  ")}\n}}");
        if (bytes[outer.Start] != '{') throw new JsonException($"'{parent}' is not an object.");
        Place inner = Find(bytes, outer.Start, name, allowComments);
        return inner.Found
            ? Splice(bytes, inner.Start, inner.End, Indent(value, LineIndent(bytes, inner.Start)))
            : Insert(bytes, inner, name, value);
    }

    /// <summary>Where a property's value lies, or the object that does not have it.</summary>
    private readonly record struct Place(bool Found, int Start, int End, int Object, bool ObjectIsEmpty);

    private static void Reject(byte[] bytes, bool allowComments)
    {
        Utf8JsonReader reader = new(bytes, Options(allowComments));
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("it is not an object.");
        while (reader.Read())
        {
            // Reading to the end is what finds a mistake anywhere.
        }
    }

    private static Place Find(byte[] bytes, int from, string name, bool allowComments)
    {
        // A value in the middle of a document ends where the reader has read it; what follows is not looked at.
        Utf8JsonReader reader = new(bytes.AsSpan(from), isFinalBlock: false, new(Options(allowComments)));
        reader.Read();
        int start = from + (int)reader.TokenStartIndex;
        bool empty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            empty = false;
            bool match = reader.ValueTextEquals(name);
            reader.Read();
            int value = from + (int)reader.TokenStartIndex;
            reader.TrySkip();
            if (match) return new(true, value, from + (int)reader.BytesConsumed, start, false);
        }

        return new(false, 0, 0, start, empty);
    }

    private static string Insert(byte[] bytes, Place place, string name, string value)
    {
        string outer = LineIndent(bytes, place.Object);
        string indent = outer + "  ";
        string property = $"\n{indent}{Quoted(name)}: {Indent(value, indent)}";
        int at = place.Object + 1;
        return Splice(bytes, at, at, place.ObjectIsEmpty ? $"{property}\n{outer}" : $"{property},");
    }

    private static string Splice(byte[] bytes, int start, int end, string text) =>
        Encoding.UTF8.GetString(bytes.AsSpan(0, start)) + text + Encoding.UTF8.GetString(bytes.AsSpan(end));

    /// <summary>The blanks that the line of a place begins with.</summary>
    private static string LineIndent(byte[] bytes, int place)
    {
        int line = bytes.AsSpan(0, place).LastIndexOf((byte)'\n') + 1;
        int blanks = bytes.AsSpan(line, place - line).IndexOfAnyExcept((byte)' ', (byte)'\t');
        return Encoding.UTF8.GetString(bytes, line, blanks < 0 ? place - line : blanks);
    }

    private static string Indent(string value, string indent) => value.Replace("\n", "\n" + indent, StringComparison.Ordinal);

    private static string Quoted(string name) => JsonSerializer.Serialize(name, Readable);

    /// <summary>Paths and names as people write them.</summary>
    public static JsonSerializerOptions Readable { get; } = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static JsonReaderOptions Options(bool allowComments) => new()
    {
        AllowTrailingCommas = allowComments,
        CommentHandling = allowComments ? JsonCommentHandling.Skip : JsonCommentHandling.Disallow,
    };
}
