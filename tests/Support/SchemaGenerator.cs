using System.Text.Json.Nodes;

namespace AgentKit.Tests.Support;

/// <summary>Random JSON Schemas that use every keyword of the compiler, mostly satisfiable ones.</summary>
internal sealed class SchemaGenerator(int seed)
{
    private static readonly string[] Names = ["a", "b", "name", "x y", "ünï", "id"];
    private static readonly string[] Patterns = ["^[a-c]{1,4}$", "x", "^\\d+-\\w*$", "^(foo|ba[rz])+$", "[A-Z]$", "^.{2,6}$", "^a?b*c+$"];
    private static readonly string[] Formats = ["date", "time", "date-time", "uuid", "email", "ipv4", "ipv6", "uri"];

    private readonly Random random = new(seed);

    internal JsonObject Document()
    {
        var schema = Schema(3);
        schema["$defs"] = new JsonObject { ["leaf"] = Scalar(), ["tree"] = Tree() };
        return schema;
    }

    private static JsonObject Tree() => JsonNode.Parse("""
        {"type": "object", "properties": {"value": {"$ref": "#/$defs/leaf"}, "children": {"type": "array", "items": {"$ref": "#/$defs/tree"}, "maxItems": 2}}, "required": ["value"]}
        """)!.AsObject();

    private bool Chance(int percent) => random.Next(100) < percent;

    private T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];

    private JsonObject Schema(int depth)
    {
        var schema = depth == 0 || Chance(30) ? Scalar() : random.Next(10) switch
        {
            < 4 => Object(depth - 1),
            < 7 => Array(depth - 1),
            7 => new JsonObject { [Pick(["anyOf", "oneOf"])] = Several(() => Schema(depth - 1), 2, 3) },
            8 => new JsonObject { ["$ref"] = Pick(["#/$defs/leaf", "#/$defs/tree"]) },
            _ => Conditional(depth - 1),
        };
        if (Chance(8))
            schema["description"] = "text";
        return schema;
    }

    private JsonObject Conditional(int depth)
    {
        var tag = new JsonObject { ["enum"] = new JsonArray("p", "q") };
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["kind"] = tag, ["value"] = new JsonObject() },
            ["required"] = new JsonArray("kind"),
            ["if"] = new JsonObject { ["properties"] = new JsonObject { ["kind"] = new JsonObject { ["const"] = "p" } } },
            ["then"] = new JsonObject { ["properties"] = new JsonObject { ["value"] = Schema(depth) } },
            ["else"] = Chance(50) ? new JsonObject { ["required"] = new JsonArray("value") } : new JsonObject { ["properties"] = new JsonObject { ["value"] = Scalar() } },
        };
    }

    private JsonArray Several(Func<JsonNode?> make, int fewest, int most) =>
        [.. Enumerable.Range(0, random.Next(fewest, most + 1)).Select(_ => make())];

    private JsonObject Scalar() => random.Next(9) switch
    {
        0 => new JsonObject { ["type"] = "null" },
        1 => new JsonObject { ["type"] = "boolean" },
        2 or 3 => Number(),
        4 => new JsonObject { ["enum"] = Several(Value, 1, 4) },
        5 => new JsonObject { ["const"] = Value() },
        6 => new JsonObject { ["type"] = new JsonArray("string", "null"), ["maxLength"] = random.Next(0, 8) },
        _ => Text(),
    };

    private JsonNode? Value() => random.Next(7) switch
    {
        0 => null,
        1 => Chance(50),
        2 => random.Next(-50, 50),
        3 => random.Next(-500, 500) / 100m,
        4 => new JsonArray(1, "x"),
        5 => new JsonObject { ["k"] = "\"quoted\"\n" },
        _ => Pick(["red", "grün", "日本", "😀", "a\\b", "\u0001"]),
    };

    private JsonObject Number()
    {
        var isInteger = Chance(60);
        var schema = new JsonObject { ["type"] = isInteger ? "integer" : "number" };
        decimal Bound() => isInteger || Chance(40) ? random.Next(-200, 200) : random.Next(-20_000, 20_000) / 100m;
        var low = Bound();
        if (Chance(50))
            schema[Pick(["minimum", "exclusiveMinimum"])] = low;
        if (Chance(50))
            schema[Pick(["maximum", "exclusiveMaximum"])] = low + 60 + random.Next(300);
        if (Chance(25))
            schema["multipleOf"] = isInteger ? random.Next(1, 30) : Pick([0.01m, 0.5m, 2.5m, 3m, 0.125m]);
        if (Chance(15))
            schema["not"] = new JsonObject { ["const"] = (int)low + 3 };
        return schema;
    }

    private JsonObject Text()
    {
        var schema = new JsonObject { ["type"] = "string" };
        switch (random.Next(5))
        {
            case 0: schema["pattern"] = Pick(Patterns); break;
            case 1: schema["format"] = Pick(Formats); break;
            case 2: schema["minLength"] = random.Next(0, 5); break;
            case 3: schema["not"] = new JsonObject { ["enum"] = new JsonArray("", "a", "ab") }; break;
        }

        if (!schema.ContainsKey("format") && Chance(60))
            schema["maxLength"] = random.Next(6, 30);
        return schema;
    }

    private JsonObject Array(int depth)
    {
        var schema = new JsonObject { ["type"] = "array" };
        var fewest = random.Next(0, 3);
        if (Chance(40))
            schema["minItems"] = fewest;
        if (Chance(70))
            schema["maxItems"] = fewest + random.Next(1, 4);
        if (Chance(25))
            schema["prefixItems"] = Several(() => Schema(depth), 1, 2);
        if (Chance(20))
        {
            schema["items"] = new JsonObject { ["enum"] = new JsonArray("r", "g", "b", 1, 2, null) };
            schema["uniqueItems"] = true;
        }
        else if (Chance(85))
        {
            schema["items"] = Schema(depth);
        }
        else
        {
            schema["items"] = new JsonObject { ["type"] = "integer" };
            schema["contains"] = new JsonObject { ["minimum"] = 10 };
        }

        return schema;
    }

    private JsonObject Object(int depth)
    {
        var schema = new JsonObject { ["type"] = "object" };
        var names = Names.OrderBy(_ => random.Next()).Take(random.Next(1, 5)).ToArray();
        var properties = new JsonObject();
        foreach (var name in names)
            properties[name] = Schema(depth);
        if (Chance(90))
            schema["properties"] = properties;
        if (Chance(60))
            schema["required"] = new JsonArray([.. names.Where(_ => Chance(50)).Select(n => (JsonNode)n)]);
        if (Chance(20))
            schema["additionalProperties"] = Chance(50) ? Chance(50) : Scalar();
        if (Chance(10))
            schema["patternProperties"] = new JsonObject { ["^z_"] = Scalar() };
        if (Chance(10))
            schema["minProperties"] = 1;
        if (Chance(10))
            schema["maxProperties"] = names.Length;
        if (Chance(10))
            schema["dependentRequired"] = new JsonObject { [names[0]] = new JsonArray(names[^1]) };
        if (Chance(8) && schema.ContainsKey("additionalProperties"))
            schema["propertyNames"] = new JsonObject { ["maxLength"] = 12 };
        if (Chance(8))
            schema["allOf"] = new JsonArray(new JsonObject { ["properties"] = new JsonObject { ["extra"] = Scalar() } });
        return schema;
    }
}
