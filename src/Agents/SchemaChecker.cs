using System.Text.Json;

namespace AgentKit.Agents;

/// <summary>Checks a value against the part of JSON Schema that tools use; keywords it does not know allow everything, as the standard says.</summary>
internal sealed class SchemaChecker(JsonElement root)
{
    /// <summary>A schema in a few words: <c>integer</c>, <c>"a" | "b"</c>, <c>string[]</c>.</summary>
    public static string Describe(JsonElement schema)
    {
        if (schema.ValueKind is not JsonValueKind.Object) return "any";
        if (schema.TryGetProperty("enum", out JsonElement values) && values.ValueKind is JsonValueKind.Array)
            return string.Join(" | ", values.EnumerateArray().Select(value => value.GetRawText()));
        foreach (string keyword in (string[])["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(keyword, out JsonElement choices) && choices.ValueKind is JsonValueKind.Array)
                return string.Join(" | ", choices.EnumerateArray().Select(Describe));
        }

        string[] types = Types(schema);
        if (types is ["array"] && schema.TryGetProperty("items", out JsonElement items)) return $"{Describe(items)}[]";
        return types.Length == 0 ? "any" : string.Join(" | ", types);
    }

    /// <summary>Adds what is wrong with <paramref name="value"/> to <paramref name="errors"/>.</summary>
    /// <param name="schema">The schema of the value.</param>
    /// <param name="value">The value.</param>
    /// <param name="path">Where the value lies, as <c>filters[2].name</c>; empty for the arguments themselves.</param>
    /// <param name="errors">What is wrong so far.</param>
    public void Check(JsonElement schema, JsonElement value, string path, List<string> errors)
    {
        schema = Resolve(schema);
        if (schema.ValueKind is JsonValueKind.False) errors.Add($"{Name(path)} is not allowed");
        if (schema.ValueKind is not JsonValueKind.Object) return;
        if (!MatchesType(schema, value) || !MatchesValues(schema, value))
        {
            errors.Add($"{Name(path)} must be {Describe(schema)}, not {Shorten(value)}");
            return;
        }

        CheckCombinations(schema, value, path, errors);
        if (value.ValueKind is JsonValueKind.Object) CheckObject(schema, value, path, errors);
        if (value.ValueKind is JsonValueKind.Array && schema.TryGetProperty("items", out JsonElement items))
        {
            int i = 0;
            foreach (JsonElement item in value.EnumerateArray()) Check(items, item, $"{path}[{i++}]", errors);
        }
    }

    private void CheckObject(JsonElement schema, JsonElement value, string path, List<string> errors)
    {
        schema.TryGetProperty("properties", out JsonElement properties);
        bool hasProperties = properties.ValueKind is JsonValueKind.Object;
        if (schema.TryGetProperty("required", out JsonElement required) && required.ValueKind is JsonValueKind.Array)
        {
            foreach (JsonElement name in required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)))
            {
                string type = hasProperties && properties.TryGetProperty(name.GetString()!, out JsonElement p) ? $" ({Describe(p)})" : "";
                errors.Add($"'{Join(path, name.GetString()!)}'{type} is missing");
            }
        }

        bool hasRest = schema.TryGetProperty("additionalProperties", out JsonElement rest) && !schema.TryGetProperty("patternProperties", out _);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (hasProperties && properties.TryGetProperty(property.Name, out JsonElement known))
                Check(known, property.Value, Join(path, property.Name), errors);
            else if (hasRest && rest.ValueKind is JsonValueKind.False)
                errors.Add($"'{Join(path, property.Name)}' is not an argument");
            else if (hasRest)
                Check(rest, property.Value, Join(path, property.Name), errors);
        }
    }

    private void CheckCombinations(JsonElement schema, JsonElement value, string path, List<string> errors)
    {
        if (schema.TryGetProperty("allOf", out JsonElement all) && all.ValueKind is JsonValueKind.Array)
        {
            foreach (JsonElement part in all.EnumerateArray()) Check(part, value, path, errors);
        }

        foreach (string keyword in (string[])["anyOf", "oneOf"])
        {
            if (!schema.TryGetProperty(keyword, out JsonElement choices) || choices.ValueKind is not JsonValueKind.Array) continue;
            if (!choices.EnumerateArray().Any(choice => Fits(choice, value)))
                errors.Add($"{Name(path)} must be {Describe(schema)}, not {Shorten(value)}");
        }
    }

    private bool Fits(JsonElement schema, JsonElement value)
    {
        var errors = new List<string>();
        Check(schema, value, "", errors);
        return errors.Count == 0;
    }

    /// <summary>Follows a reference within the schema; one that leads nowhere allows everything.</summary>
    private JsonElement Resolve(JsonElement schema)
    {
        for (int hops = 0; hops < 16; hops++)
        {
            if (schema.ValueKind is not JsonValueKind.Object || !schema.TryGetProperty("$ref", out JsonElement reference)) return schema;
            if (reference.ValueKind is not JsonValueKind.String || reference.GetString() is not ['#', ..] pointer) return default;
            schema = root;
            foreach (string part in pointer[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                string name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
                bool isIndex = schema.ValueKind is JsonValueKind.Array && int.TryParse(name, out int index) && index < schema.GetArrayLength();
                if (isIndex) schema = schema[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)];
                else if (schema.ValueKind is not JsonValueKind.Object || !schema.TryGetProperty(name, out schema)) return default;
            }
        }

        return default;
    }

    private static bool MatchesType(JsonElement schema, JsonElement value)
    {
        string[] types = Types(schema);
        return types.Length == 0 || types.Any(type => type switch
        {
            "string" => value.ValueKind is JsonValueKind.String,
            "number" => value.ValueKind is JsonValueKind.Number,
            "integer" => value.ValueKind is JsonValueKind.Number && value.GetRawText().AsSpan().IndexOfAny(".eE") < 0,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "object" => value.ValueKind is JsonValueKind.Object,
            "array" => value.ValueKind is JsonValueKind.Array,
            "null" => value.ValueKind is JsonValueKind.Null,
            _ => true,
        });
    }

    private static bool MatchesValues(JsonElement schema, JsonElement value)
    {
        if (schema.TryGetProperty("const", out JsonElement constant) && !JsonElement.DeepEquals(constant, value)) return false;
        return !schema.TryGetProperty("enum", out JsonElement values)
            || values.ValueKind is not JsonValueKind.Array
            || values.EnumerateArray().Any(allowed => JsonElement.DeepEquals(allowed, value));
    }

    private static string[] Types(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out JsonElement type)) return [];
        return type.ValueKind is JsonValueKind.Array ? [.. type.EnumerateArray().Select(t => t.ToString())] : [type.ToString()];
    }

    private static string Name(string path) => path.Length == 0 ? "the arguments object" : $"'{path}'";

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Shorten(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= 60 ? text : $"{text[..60]}…";
    }
}
