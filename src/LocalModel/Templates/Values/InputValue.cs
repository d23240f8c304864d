using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentKit.Models.Templates.Values;

/// <summary>Turns .NET and JSON values into template values. All strings count as data except those in <see cref="TrustedText"/>.</summary>
internal static class InputValue
{
    /// <summary>
    /// Roles and content types are chosen from these words by code, not written by anyone; templates build control tokens from them.
    /// </summary>
    private static readonly Dictionary<string, string[]> Vocabulary = new(StringComparer.Ordinal)
    {
        ["role"] = ["system", "user", "assistant", "tool", "developer", "function", "ipython"],
        ["type"] = ["text", "function", "image", "image_url", "audio", "input_audio", "video", "thinking", "reasoning"],
    };

    public static object? From(object? value) => value switch
    {
        null => null,
        TrustedText trusted => TemplateText.Template(trusted.Value),
        string text => TemplateText.FromData(text),
        bool flag => flag,
        sbyte or byte or short or ushort or int or uint or long or ulong => PythonNumber.Normalize(
            BigInteger.Parse(Convert.ToString(value, CultureInfo.InvariantCulture)!, CultureInfo.InvariantCulture)),
        float or double or decimal => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        JsonElement element => FromJson(element),
        JsonNode node => FromJson(JsonSerializer.SerializeToElement(node)),
        IEnumerable<KeyValuePair<string, object?>> items => FromPairs(items),
        IEnumerable items => new TemplateList([.. items.Cast<object?>().Select(From)]),
        _ => throw new ArgumentException($"a template variable cannot be a {value.GetType()}", nameof(value)),
    };

    private static TemplateDict FromPairs(IEnumerable<KeyValuePair<string, object?>> items)
    {
        var dict = new TemplateDict();
        foreach (var (key, item) in items)
            dict[TemplateText.FromData(key)] = From(item);
        return dict;
    }

    private static object? FromJson(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => FromObject(element),
        JsonValueKind.Array => new TemplateList([.. element.EnumerateArray().Select(FromJson)]),
        JsonValueKind.String => TemplateText.FromData(element.GetString()!),
        JsonValueKind.Number => FromNumber(element.GetRawText()),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static TemplateDict FromObject(JsonElement element)
    {
        var dict = new TemplateDict();
        foreach (var property in element.EnumerateObject())
        {
            var isWord = property.Value.ValueKind == JsonValueKind.String
                && Vocabulary.TryGetValue(property.Name, out var words) && words.Contains(property.Value.GetString());
            dict[TemplateText.FromData(property.Name)] = isWord
                ? TemplateText.Template(property.Value.GetString()!) : FromJson(property.Value);
        }
        return dict;
    }

    private static object FromNumber(string text) => text.AsSpan().ContainsAny('.', 'e', 'E')
        ? double.Parse(text, CultureInfo.InvariantCulture)
        : PythonNumber.Normalize(BigInteger.Parse(text, CultureInfo.InvariantCulture));
}
