using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AgentKit.Tests.Support;

/// <summary>
/// A second validator of JSON Schema, written straight from the specification over <see cref="JsonNode"/> and <see cref="Regex"/>, to check the one
/// of the product and what the grammars let through. Knows the keywords that <see cref="SchemaGenerator"/> uses.
/// </summary>
internal sealed class PlainSchemaValidator(JsonNode? root)
{
    internal bool IsValid(JsonNode? value) => Fits(root, value);

    private bool Fits(JsonNode? schema, JsonNode? value)
    {
        if (schema is JsonValue constant)
            return constant.GetValue<bool>();
        return schema!.AsObject().All(keyword => Keyword(schema.AsObject(), keyword.Key, keyword.Value, value));
    }

    private bool Keyword(JsonObject schema, string name, JsonNode? given, JsonNode? value) => name switch
    {
        "$ref" => Fits(Find(given!.GetValue<string>()), value),
        "type" => given is JsonArray several ? several.Any(t => IsOfType(t!.GetValue<string>(), value)) : IsOfType(given!.GetValue<string>(), value),
        "const" => Same(given, value),
        "enum" => given!.AsArray().Any(v => Same(v, value)),
        "allOf" => given!.AsArray().All(s => Fits(s, value)),
        "anyOf" => given!.AsArray().Any(s => Fits(s, value)),
        "oneOf" => given!.AsArray().Count(s => Fits(s, value)) == 1,
        "not" => !Fits(given, value),
        "if" => Fits(given, value) ? !schema.ContainsKey("then") || Fits(schema["then"], value) : !schema.ContainsKey("else") || Fits(schema["else"], value),
        _ => KindOf(value) switch
        {
            "string" => TextKeyword(name, given, value!.GetValue<string>()),
            "number" => NumberKeyword(name, given, value!),
            "array" => ArrayKeyword(schema, name, given, value!.AsArray()),
            "object" => ObjectKeyword(schema, name, given, value!.AsObject()),
            _ => true,
        },
    };

    private static bool TextKeyword(string name, JsonNode? given, string text) => name switch
    {
        "minLength" => Length(text) >= given!.GetValue<int>(),
        "maxLength" => Length(text) <= given!.GetValue<int>(),
        "pattern" => Regex.IsMatch(OneUnitEach(text), given!.GetValue<string>().Replace("$", "\\z", StringComparison.Ordinal), RegexOptions.ECMAScript),
        "format" => given!.GetValue<string>() switch
        {
            "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) || text.StartsWith("0000", StringComparison.Ordinal),
            "uuid" => Guid.TryParseExact(text, "D", out _),
            "ipv4" => System.Net.IPAddress.TryParse(text, out var address) && address.ToString() == text,
            _ => true,
        },
        _ => true,
    };

    /// <summary>.NET counts a character beyond U+FFFF as two; the patterns here count it as one.</summary>
    private static string OneUnitEach(string text) => string.Concat(text.EnumerateRunes().Select(r => r.IsBmp ? (char)r.Value : '\uE000'));

    private static int Length(string text) => text.EnumerateRunes().Count();

    private static bool NumberKeyword(string name, JsonNode? given, JsonNode value) => name switch
    {
        "minimum" => Compare(value, given!) >= 0,
        "maximum" => Compare(value, given!) <= 0,
        "exclusiveMinimum" => Compare(value, given!) > 0,
        "exclusiveMaximum" => Compare(value, given!) < 0,
        "multipleOf" => Scaled(value, given!) is var (number, unit) && number % unit == 0,
        _ => true,
    };

    private bool ArrayKeyword(JsonObject schema, string name, JsonNode? given, JsonArray items) => name switch
    {
        "minItems" => items.Count >= given!.GetValue<int>(),
        "maxItems" => items.Count <= given!.GetValue<int>(),
        "prefixItems" => items.Zip(given!.AsArray()).All(pair => Fits(pair.Second, pair.First)),
        "items" => items.Skip(schema["prefixItems"]?.AsArray().Count ?? 0).All(item => Fits(given, item)),
        "contains" => items.Count(item => Fits(given, item)) is var found &&
            found >= (schema["minContains"]?.GetValue<int>() ?? 1) && found <= (schema["maxContains"]?.GetValue<int>() ?? int.MaxValue),
        "uniqueItems" => !given!.GetValue<bool>() || !items.Where((item, i) => items.Take(i).Any(other => Same(item, other))).Any(),
        _ => true,
    };

    private bool ObjectKeyword(JsonObject schema, string name, JsonNode? given, JsonObject members) => name switch
    {
        "required" => given!.AsArray().All(n => members.ContainsKey(n!.GetValue<string>())),
        "minProperties" => members.Count >= given!.GetValue<int>(),
        "maxProperties" => members.Count <= given!.GetValue<int>(),
        "properties" => given!.AsObject().All(p => !members.ContainsKey(p.Key) || Fits(p.Value, members[p.Key])),
        "patternProperties" => given!.AsObject().All(p => members.Where(m => Regex.IsMatch(m.Key, p.Key)).All(m => Fits(p.Value, m.Value))),
        "additionalProperties" => members.Where(m => schema["properties"]?.AsObject().ContainsKey(m.Key) != true &&
            schema["patternProperties"]?.AsObject().Any(p => Regex.IsMatch(m.Key, p.Key)) != true).All(m => Fits(given, m.Value)),
        "propertyNames" => members.All(m => Fits(given, JsonValue.Create(m.Key))),
        "dependentRequired" => given!.AsObject().All(d => !members.ContainsKey(d.Key) || d.Value!.AsArray().All(n => members.ContainsKey(n!.GetValue<string>()))),
        "dependentSchemas" => given!.AsObject().All(d => !members.ContainsKey(d.Key) || Fits(d.Value, members)),
        _ => true,
    };

    private JsonNode? Find(string reference) =>
        reference.Split('/').Skip(1).Aggregate(root, (node, part) => node is JsonArray list ? list[int.Parse(part, CultureInfo.InvariantCulture)] : node![part]);

    private static bool IsOfType(string type, JsonNode? value) => type switch
    {
        "integer" => KindOf(value) == "number" && Scaled(value!, JsonValue.Create(1)) is var (number, unit) && number % unit == 0,
        _ => KindOf(value) == type,
    };

    private static string KindOf(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject => "object",
        JsonArray => "array",
        _ => value.ToJsonString()[0] switch { '"' => "string", 't' or 'f' => "boolean", _ => "number" },
    };

    private static bool Same(JsonNode? a, JsonNode? b)
    {
        if (KindOf(a) != KindOf(b))
            return false;
        return a switch
        {
            null => true,
            JsonArray list => list.Count == b!.AsArray().Count && list.Zip(b.AsArray()).All(pair => Same(pair.First, pair.Second)),
            JsonObject members => members.Count == b!.AsObject().Count && members.All(m => b.AsObject().ContainsKey(m.Key) && Same(m.Value, b[m.Key])),
            _ => KindOf(a) == "number" ? Compare(a, b!) == 0 : KindOf(a) == "string" ? a.GetValue<string>() == b!.GetValue<string>() : a.ToJsonString() == b!.ToJsonString(),
        };
    }

    private static int Compare(JsonNode a, JsonNode b) => Scaled(a, b) is var (x, y) ? x.CompareTo(y) : 0;

    /// <summary>Both numbers times the same power of ten, as integers.</summary>
    private static (BigInteger A, BigInteger B) Scaled(JsonNode a, JsonNode b)
    {
        var ((x, xe), (y, ye)) = (Parts(a.ToJsonString()), Parts(b.ToJsonString()));
        var low = Math.Min(xe, ye);
        return (x * BigInteger.Pow(10, xe - low), y * BigInteger.Pow(10, ye - low));
    }

    private static (BigInteger Digits, int Exponent) Parts(string number)
    {
        var halves = number.ToLowerInvariant().Split('e');
        var exponent = halves.Length > 1 ? int.Parse(halves[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        var point = halves[0].IndexOf('.', StringComparison.Ordinal);
        var digits = new StringBuilder(halves[0]);
        if (point >= 0)
        {
            exponent -= digits.Length - point - 1;
            digits.Remove(point, 1);
        }

        return (BigInteger.Parse(digits.ToString(), CultureInfo.InvariantCulture), exponent);
    }
}
