using System.Text;
using System.Text.Json;

namespace AgentKit.Kernel.Tools;

/// <summary>One walk over a value and the schema it should fit; collects faults instead of stopping at the first.</summary>
/// <param name="root">The whole schema, which <c>$ref</c> points into.</param>
internal sealed class SchemaCheck(JsonElement root)
{
    /// <summary>A schema that refers to itself without consuming a part of the value would never end.</summary>
    private const int DepthLimit = 64;

    private readonly List<string> _faults = [];
    private int _depth;

    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Checks <paramref name="value"/>; <paramref name="path"/> is empty for the arguments as a whole.</summary>
    public void Visit(JsonElement schema, JsonElement value, string path)
    {
        if (schema.ValueKind == JsonValueKind.False)
        {
            _faults.Add($"{Subject(path)} is not allowed");
            return;
        }
        if (schema.ValueKind != JsonValueKind.Object)
            return;
        if (++_depth > DepthLimit)
            _faults.Add($"{Subject(path)} is nested deeper than {DepthLimit} levels");
        else
            VisitKeywords(schema, value, path);
        _depth--;
    }

    private void VisitKeywords(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("$ref", out var reference) && Resolve(reference) is { } target)
            Visit(target, value, path);
        if (schema.TryGetProperty("type", out var type) && !HasType(type, value))
        {
            _faults.Add($"{Subject(path)} must be {Expected(type)}, found {Describe(value)}");
            return;
        }
        CheckChoice(schema, value, path);
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                CheckObject(schema, value, path);
                break;
            case JsonValueKind.Array:
                CheckArray(schema, value, path);
                break;
            case JsonValueKind.Number:
                CheckNumber(schema, value, path);
                break;
            case JsonValueKind.String:
                CheckCount(schema, "Length", CharacterCount(value.GetString()!), "characters", path);
                break;
        }
        CheckCombinations(schema, value, path);
    }

    private void CheckObject(JsonElement schema, JsonElement value, string path)
    {
        if (!schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
            properties = default;
        if (schema.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in required.EnumerateArray())
            {
                if (item.ValueKind == JsonValueKind.String && item.GetString() is { } name && !value.TryGetProperty(name, out _))
                    _faults.Add($"missing required argument '{Join(path, name)}'{ExpectedOf(properties, name)}");
            }
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            var memberPath = Join(path, member.Name);
            if (!seen.Add(member.Name))
                _faults.Add($"argument '{memberPath}' is given twice");
            else if (properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(member.Name, out var memberSchema))
                Visit(memberSchema, member.Value, memberPath);
            else
                CheckUndeclared(schema, properties, member, path, memberPath);
        }
    }

    private void CheckUndeclared(JsonElement schema, JsonElement properties, JsonProperty member, string path, string memberPath)
    {
        if (schema.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind != JsonValueKind.False)
        {
            Visit(additional, member.Value, memberPath);
            return;
        }
        var closed = additional.ValueKind == JsonValueKind.False
            || (path.Length == 0 && properties.ValueKind == JsonValueKind.Object && !IsComposed(schema));
        if (!closed || schema.TryGetProperty("patternProperties", out _))
            return;
        var allowed = properties.ValueKind == JsonValueKind.Object
            ? string.Join(", ", properties.EnumerateObject().Select(p => $"'{p.Name}'"))
            : "";
        _faults.Add($"unknown argument '{memberPath}', {(allowed.Length > 0 ? $"allowed: {allowed}" : "none is allowed")}");
    }

    private void CheckArray(JsonElement schema, JsonElement value, string path)
    {
        CheckCount(schema, "Items", value.GetArrayLength(), "items", path);
        if (!schema.TryGetProperty("items", out var items))
            return;
        var index = 0;
        foreach (var item in value.EnumerateArray())
            Visit(items, item, $"{path}[{index++}]");
    }

    private void CheckNumber(JsonElement schema, JsonElement value, string path)
    {
        CheckBound(schema, "minimum", "at least", comparison => comparison >= 0);
        CheckBound(schema, "maximum", "at most", comparison => comparison <= 0);
        CheckBound(schema, "exclusiveMinimum", "more than", comparison => comparison > 0);
        CheckBound(schema, "exclusiveMaximum", "less than", comparison => comparison < 0);

        void CheckBound(JsonElement owner, string keyword, string words, Func<int, bool> holds)
        {
            if (owner.TryGetProperty(keyword, out var bound) && bound.ValueKind == JsonValueKind.Number && !holds(Compare(value, bound)))
                _faults.Add($"{Subject(path)} must be {words} {bound.GetRawText()}, found {Describe(value)}");
        }
    }

    private void CheckCount(JsonElement schema, string suffix, int count, string unit, string path)
    {
        if (Limit("min" + suffix) is { } least && count < least)
            _faults.Add($"{Subject(path)} must have at least {least} {unit}, found {count}");
        if (Limit("max" + suffix) is { } most && count > most)
            _faults.Add($"{Subject(path)} must have at most {most} {unit}, found {count}");

        long? Limit(string keyword) =>
            schema.TryGetProperty(keyword, out var limit) && limit.ValueKind == JsonValueKind.Number && limit.TryGetInt64(out var number)
                ? number
                : null;
    }

    private void CheckChoice(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("enum", out var choices) && choices.ValueKind == JsonValueKind.Array
            && !choices.EnumerateArray().Any(choice => SameValue(choice, value)))
        {
            var allowed = string.Join(", ", choices.EnumerateArray().Select(choice => choice.GetRawText()));
            _faults.Add($"{Subject(path)} must be one of {allowed}, found {Describe(value)}");
        }
        if (schema.TryGetProperty("const", out var constant) && !SameValue(constant, value))
            _faults.Add($"{Subject(path)} must be {constant.GetRawText()}, found {Describe(value)}");
    }

    private void CheckCombinations(JsonElement schema, JsonElement value, string path)
    {
        foreach (var part in Alternatives(schema, "allOf"))
            Visit(part, value, path);
        CheckAlternatives(Alternatives(schema, "anyOf"), value, path, exactlyOne: false);
        CheckAlternatives(Alternatives(schema, "oneOf"), value, path, exactlyOne: true);
    }

    private void CheckAlternatives(List<JsonElement> alternatives, JsonElement value, string path, bool exactlyOne)
    {
        if (alternatives.Count == 0)
            return;
        var fitting = 0;
        var closest = new List<string>();
        foreach (var alternative in alternatives)
        {
            var mark = _faults.Count;
            Visit(alternative, value, path);
            var found = _faults[mark..];
            _faults.RemoveRange(mark, found.Count);
            if (found.Count == 0)
                fitting++;
            else if (closest.Count == 0 || found.Count < closest.Count)
                closest = found;
        }
        if (fitting == 0)
            _faults.Add($"{Subject(path)} fits none of {alternatives.Count} allowed forms; the closest says: {string.Join("; ", closest)}");
        else if (exactlyOne && fitting > 1)
            _faults.Add($"{Subject(path)} fits {fitting} of the allowed forms, exactly one is expected");
    }

    private JsonElement? Resolve(JsonElement reference)
    {
        if (reference.ValueKind != JsonValueKind.String || reference.GetString() is not { } pointer || !pointer.StartsWith('#'))
            return null;
        var target = root;
        foreach (var segment in pointer[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = Uri.UnescapeDataString(segment).Replace("~1", "/").Replace("~0", "~");
            if (target.ValueKind != JsonValueKind.Object || !target.TryGetProperty(name, out target))
                return null;
        }
        return target;
    }

    private static bool IsComposed(JsonElement schema) =>
        schema.TryGetProperty("allOf", out _) || schema.TryGetProperty("anyOf", out _) || schema.TryGetProperty("oneOf", out _)
        || schema.TryGetProperty("$ref", out _);

    private static List<JsonElement> Alternatives(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];

    private static bool HasType(JsonElement type, JsonElement value) => type.ValueKind switch
    {
        JsonValueKind.String => IsOf(type.GetString()!, value),
        JsonValueKind.Array => type.EnumerateArray().Any(one => HasType(one, value)),
        _ => true,
    };

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && IsWhole(value),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => true,
    };

    private static bool IsWhole(JsonElement number) =>
        number.TryGetDecimal(out var exact) ? decimal.Truncate(exact) == exact : double.IsInteger(number.GetDouble());

    private static int Compare(JsonElement left, JsonElement right) =>
        left.TryGetDecimal(out var a) && right.TryGetDecimal(out var b) ? a.CompareTo(b) : left.GetDouble().CompareTo(right.GetDouble());

    private static bool SameValue(JsonElement left, JsonElement right) =>
        left.ValueKind == JsonValueKind.Number && right.ValueKind == JsonValueKind.Number
            ? Compare(left, right) == 0
            : JsonElement.DeepEquals(left, right);

    private static int CharacterCount(string text) => text.EnumerateRunes().Count();

    private static string Subject(string path) => path.Length == 0 ? "the arguments" : $"argument '{path}'";

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string ExpectedOf(JsonElement properties, string name) =>
        properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(name, out var schema)
        && schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out var type)
            ? $", expected {Expected(type)}"
            : "";

    private static string Expected(JsonElement type) => type.ValueKind == JsonValueKind.Array
        ? string.Join(" or ", type.EnumerateArray().Select(Expected))
        : type.ToString() switch
        {
            "object" => "an object",
            "array" => "an array",
            "integer" => "an integer",
            "null" => "null",
            var name => $"a {name}",
        };

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => $"the string {Shorten(value.GetRawText())}",
        _ => Shorten(value.GetRawText()),
    };

    /// <summary>A long value is not needed to see which argument is meant; the ellipsis says that it was cut.</summary>
    private static string Shorten(string text)
    {
        const int longest = 60;
        if (text.Length <= longest)
            return text;
        var cut = char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest;
        return new StringBuilder(text, 0, cut, cut + 1).Append('…').ToString();
    }
}
