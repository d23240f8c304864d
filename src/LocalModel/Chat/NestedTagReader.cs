using System.Text.Json.Nodes;

namespace AgentKit.Models.Chat;

/// <summary>Reads arguments written as tags named like their keys, nested for objects, with <c>item</c> tags for lists.</summary>
/// <param name="text">The tags.</param>
/// <param name="decode">Decodes a value without tags inside.</param>
internal sealed class NestedTagReader(string text, Func<string, JsonNode?> decode)
{
    private const int MaxDepth = 64;

    public JsonNode? Read() => Read(0, text.Length, 0) ?? new JsonObject();

    private JsonNode? Read(int start, int end, int depth)
    {
        JsonObject? fields = null;
        JsonArray? items = null;
        for (var at = start; depth < MaxDepth && TryTag(at, end, out var name, out var from, out var to, out var next); at = next)
        {
            var value = Read(from, to, depth + 1) ?? decode(text[from..to]);
            if (name == "item")
                (items ??= []).Add(value);
            else
                (fields ??= [])[name] = value;
        }
        return fields is not null ? fields : items;
    }

    /// <summary>Finds the next <c>&lt;name&gt;…&lt;/name&gt;</c>, with tags of the same name inside of it.</summary>
    private bool TryTag(int start, int end, out string name, out int from, out int to, out int next)
    {
        (name, from, to, next) = ("", 0, 0, 0);
        var open = text.IndexOf('<', start, end - start);
        var close = open < 0 ? -1 : text.IndexOf('>', open, end - open);
        if (close < 0 || !text.AsSpan(start, open - start).IsWhiteSpace())
            return false;
        name = text[(open + 1)..close];
        from = close + 1;
        var level = 1;
        for (var at = from; at < end; at++)
        {
            if (text.AsSpan(at, end - at).StartsWith($"<{name}>"))
                level++;
            else if (text.AsSpan(at, end - at).StartsWith($"</{name}>") && --level == 0)
            {
                to = at;
                next = at + name.Length + 3;
                return true;
            }
        }
        return false;
    }
}
