using System.Text.Json.Nodes;

namespace AgentKit.Models.Chat;

/// <summary>Reads arguments written as tags named like their keys, nested for objects, with <c>item</c> tags for lists.</summary>
/// <param name="text">The tags.</param>
/// <param name="prefix">Text before every tag.</param>
/// <param name="decode">Decodes a value without tags inside.</param>
internal sealed class NestedTagReader(string text, string prefix, Func<string, JsonNode?> decode)
{
    private const int MaxDepth = 64;

    /// <summary>The values without tags inside, as they were written, by JSON pointer.</summary>
    public Dictionary<string, string> Leaves { get; } = new(StringComparer.Ordinal);

    public JsonNode Read() => Read(0, text.Length, "", 0) ?? new JsonObject();

    private JsonNode? Read(int start, int end, string path, int depth)
    {
        JsonObject? fields = null;
        JsonArray? items = null;
        for (var at = start; depth < MaxDepth && TryTag(at, end, out var name, out var from, out var to, out var next); at = next)
        {
            var inner = $"{path}/{(name == "item" ? $"{items?.Count ?? 0}" : JsonPointer.Escape(name))}";
            var value = Read(from, to, inner, depth + 1) ?? Leaf(inner, text[from..to]);
            if (name == "item")
                (items ??= []).Add(value);
            else
                (fields ??= [])[name] = value;
        }
        return fields is not null ? fields : items;
    }

    private JsonNode? Leaf(string path, string written)
    {
        Leaves[path] = written;
        return decode(written);
    }

    /// <summary>Finds the next <c>&lt;name&gt;…&lt;/name&gt;</c>, with tags of the same name inside of it.</summary>
    private bool TryTag(int start, int end, out string name, out int from, out int to, out int next)
    {
        (name, from, to, next) = ("", 0, 0, 0);
        var open = text.IndexOf(prefix + "<", start, end - start, StringComparison.Ordinal);
        var close = open < 0 ? -1 : text.IndexOf('>', open + prefix.Length, end - open - prefix.Length);
        if (close < 0 || !text.AsSpan(start, open - start).IsWhiteSpace())
            return false;
        name = text[(open + prefix.Length + 1)..close];
        from = close + 1;
        var (opening, closing) = ($"{prefix}<{name}>", $"{prefix}</{name}>");
        var level = 1;
        for (var at = from; at < end; at++)
        {
            if (text.AsSpan(at, end - at).StartsWith(opening))
                level++;
            else if (text.AsSpan(at, end - at).StartsWith(closing) && --level == 0)
            {
                to = at;
                next = at + closing.Length;
                return true;
            }
        }
        return false;
    }
}
