using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentKit.Eval.Tasks.Functions;

/// <summary>Whether a value of a call is one of the right ones.</summary>
internal static partial class CallValue
{
    /// <summary>Whether the right values hold an empty text, or nothing at all: then the parameter may be left out.</summary>
    public static bool IsOptional(JsonElement allowed) => allowed.ValueKind == JsonValueKind.Array
        && (allowed.GetArrayLength() == 0
            || allowed.EnumerateArray().Any(value => value.ValueKind == JsonValueKind.String && value.GetString() == ""));

    /// <param name="value">The value.</param>
    /// <param name="allowed">A list of right ones.</param>
    /// <param name="type">
    /// The parameter's type in its description; a whole number is a <c>float</c> too, but not the other way round.
    /// </param>
    public static bool IsAllowed(JsonElement value, JsonElement allowed, string type)
    {
        // A list where one value is expected stands for a choice; a single value for itself.
        IEnumerable<JsonElement> options = allowed.ValueKind == JsonValueKind.Array ? allowed.EnumerateArray() : [allowed];
        if (type == "integer" && value.ValueKind == JsonValueKind.Number && !IsWhole(value)) return false;
        return options.Any(option => AreEqual(value, option)) || FromText(value, type) is { } parsed && IsAllowed(parsed, allowed, "");
    }

    private static bool AreEqual(JsonElement value, JsonElement right) => (value.ValueKind, right.ValueKind) switch
    {
        (JsonValueKind.String, JsonValueKind.String) => Comparable(value.GetString()!) == Comparable(right.GetString()!),
        (JsonValueKind.Number, JsonValueKind.Number) => value.GetDouble().Equals(right.GetDouble()),
        (JsonValueKind.Array, JsonValueKind.Array) => value.GetArrayLength() == right.GetArrayLength()
            && value.EnumerateArray().Zip(right.EnumerateArray(), AreEqual).All(equal => equal),
        (JsonValueKind.Object, JsonValueKind.Object) => AreEqualObjects(value, right),
        var (one, other) => one == other,
    };

    /// <summary>The right object lists the allowed values of each of its keys.</summary>
    private static bool AreEqualObjects(JsonElement value, JsonElement right) =>
        value.EnumerateObject().All(member => right.TryGetProperty(member.Name, out JsonElement allowed) && IsMember(member.Value, allowed))
        && right.EnumerateObject().All(member => value.TryGetProperty(member.Name, out _) || IsOptional(member.Value));

    private static bool IsMember(JsonElement value, JsonElement allowed) => IsAllowed(value, allowed, "") || AreEqual(value, allowed);

    private static bool IsWhole(JsonElement number) => number.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0;

    /// <summary>Java and JavaScript values are at times written as text: <c>"10L"</c>, <c>"true"</c>.</summary>
    private static JsonElement? FromText(JsonElement value, string type)
    {
        if (value.ValueKind != JsonValueKind.String || type is not ("long" or "double" or "Boolean" or "Array" or "ArrayList" or "HashMap" or "any")) return null;
        string text = Suffix().Replace(value.GetString()!.Trim(), "$1");
        bool number = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        if (!number && text is not ("true" or "false" or ['[', ..] or ['{', ..])) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Comparable(string text) => Marks().Replace(text, "").ToLowerInvariant().Replace('\'', '"');

    [GeneratedRegex(@"[ ,./\-_*^]", RegexOptions.CultureInvariant)]
    private static partial Regex Marks();

    [GeneratedRegex(@"^(-?[0-9.]+)[LlFfDd]$", RegexOptions.CultureInvariant)]
    private static partial Regex Suffix();
}
