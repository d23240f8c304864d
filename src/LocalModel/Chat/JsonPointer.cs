using System.Globalization;
using System.Text.Json.Nodes;

namespace AgentKit.Models.Chat;

/// <summary>Places in a JSON value, named as RFC 6901 says.</summary>
internal static class JsonPointer
{
    /// <summary>A name as part of a pointer.</summary>
    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>The place that a pointer names; null when there is none, or it is the whole.</summary>
    public static Place? Find(JsonNode root, string pointer)
    {
        JsonNode? parent = root;
        var parts = pointer.Split('/')[1..];
        for (var i = 0; i < parts.Length; i++)
        {
            var name = parts[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            Place? place = parent switch
            {
                JsonObject fields when fields.ContainsKey(name) => new(fields, name, -1),
                JsonArray items when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < items.Count
                    => new(items, name, index),
                _ => null,
            };
            if (place is null || i + 1 == parts.Length)
                return place;
            parent = place.Value;
        }
        return null;
    }

    /// <summary>A member or item that can be replaced.</summary>
    internal sealed record Place(JsonNode Parent, string Name, int Index)
    {
        public JsonNode? Value
        {
            get => Parent is JsonObject fields ? fields[Name] : Parent[Index];
            set
            {
                if (Parent is JsonObject fields)
                    fields[Name] = value;
                else
                    Parent[Index] = value;
            }
        }
    }
}
