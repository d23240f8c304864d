using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentKit.Tools.Mcp;

/// <summary>
/// Cleans text that a server wrote for the model: characters a person cannot see when approving a tool are taken out, and its length is
/// bounded, with a visible mark.
/// </summary>
internal static class HiddenText
{
    /// <summary>Longest description, in UTF-16 units: enough for any honest one, too short to crowd out the user's own text.</summary>
    public const int LongestDescription = 4000;

    /// <summary>Takes out invisible characters and cuts after <see cref="LongestDescription"/>.</summary>
    public static string CleanDescription(string? text)
    {
        var visible = Strip(text ?? "").Trim();
        if (visible.Length <= LongestDescription)
            return visible;
        var end = char.IsHighSurrogate(visible[LongestDescription - 1]) ? LongestDescription - 1 : LongestDescription;
        return $"{visible[..end]} [cut: {visible.Length - end} more characters]";
    }

    /// <summary>A schema whose texts are clean; the same element when they were clean already.</summary>
    public static JsonElement CleanSchema(JsonElement schema)
    {
        var node = JsonNode.Parse(schema.GetRawText());
        return CleanNode(node) ? JsonSerializer.SerializeToElement(node) : schema;
    }

    /// <summary>Cleans the <c>description</c> and <c>title</c> texts in place; says whether one has changed.</summary>
    private static bool CleanNode(JsonNode? node)
    {
        var changed = false;
        if (node is JsonArray array)
        {
            foreach (var item in array)
                changed |= CleanNode(item);
        }
        else if (node is JsonObject members)
        {
            foreach (var (name, value) in members.ToList())
            {
                if (name is not ("description" or "title") || value is not JsonValue scalar || !scalar.TryGetValue<string>(out var text))
                    changed |= CleanNode(value);
                else if (CleanDescription(text) is var clean && clean != text)
                    (members[name], changed) = (clean, true);
            }
        }
        return changed;
    }

    private static string Strip(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsHidden(rune))
                kept.Append(rune.ToString());
        }
        return kept.ToString();
    }

    /// <summary>Control and format characters (bidirectional overrides, zero-width ones, tags), variation selectors, fillers.</summary>
    private static bool IsHidden(Rune rune) => rune.Value switch
    {
        '\n' or '\t' => false,
        0x034F or 0x115F or 0x1160 or 0x3164 or 0xFFA0 => true,
        (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) or (>= 0xE0000 and <= 0xE0FFF) => true,
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator,
    };
}
