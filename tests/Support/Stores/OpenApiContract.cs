using System.Globalization;
using System.Text.Json;

namespace AgentKit.Tests.Support;

/// <summary>
/// Holds requests and replies to an OpenAPI 3.0 document: path, method, query, and bodies by their JSON schemas. Stricter than the document where it
/// names the members of an object and does not say that there may be others: then there may not.
/// </summary>
internal sealed class OpenApiContract
{
    private readonly JsonElement _root;

    private OpenApiContract(JsonElement root) => _root = root;

    public static OpenApiContract Load(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return new OpenApiContract(document.RootElement.Clone());
    }

    /// <returns>The operation a request is for.</returns>
    /// <exception cref="InvalidDataException">The contract has no such request.</exception>
    public JsonElement Request(HttpMethod method, string path, string query, JsonElement? body)
    {
        JsonElement operation = Operation(method, path);
        foreach (string pair in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)) Parameter(operation, path, pair.Split('=', 2));
        if (operation.TryGetProperty("requestBody", out JsonElement wanted))
        {
            Throw(body is null ? "a body is missing" : Fault(Schema(wanted), body.Value, "body"), method, path);
        }
        else if (body is not null)
        {
            Throw("a body is not wanted", method, path);
        }

        return operation;
    }

    /// <exception cref="InvalidDataException">The contract has no such reply.</exception>
    public void Reply(JsonElement operation, HttpMethod method, string path, int status, JsonElement body)
    {
        JsonElement replies = operation.GetProperty("responses");
        string key = status.ToString(CultureInfo.InvariantCulture);
        if (!replies.TryGetProperty(key, out JsonElement reply) && !replies.TryGetProperty($"{key[0]}XX", out reply)) Throw($"no reply {key}", method, path);
        Throw(Fault(Schema(reply), body, "reply"), method, path);
    }

    /// <returns>What is wrong with a value, <c>null</c> when nothing is.</returns>
    public string? Fault(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("$ref", out JsonElement reference)) return Fault(Resolve(reference.GetString()!), value, at);
        bool isNull = value.ValueKind is JsonValueKind.Null;
        if (schema.TryGetProperty("nullable", out JsonElement nullable) && nullable.GetBoolean())
        {
            if (isNull) return null;
            // Alone it stands for null, beside the schemas of what else there may be.
            if (schema.EnumerateObject().All(member => member.Name is "nullable" or "description")) return $"{at}: null is expected";
        }

        return Combined(schema, value, at) ?? (schema.TryGetProperty("type", out JsonElement type) ? OfType(schema, type.GetString()!, value, at) : null);
    }

    private static string Show(JsonElement value) => value.GetRawText() is { Length: > 80 } text ? text[..80] : value.GetRawText();

    private static void Throw(string? fault, HttpMethod method, string path)
    {
        if (fault is not null) throw new InvalidDataException($"{method} {path} breaks the contract: {fault}");
    }

    private static JsonElement Schema(JsonElement content) => content.GetProperty("content").GetProperty("application/json").GetProperty("schema");

    private JsonElement Operation(HttpMethod method, string path)
    {
        string[] parts = path.Split('/');
        foreach (JsonProperty candidate in _root.GetProperty("paths").EnumerateObject().OrderBy(one => one.Name.Count(c => c == '{')))
        {
            string[] template = candidate.Name.Split('/');
            if (template.Length != parts.Length || !template.Zip(parts).All(pair => pair.First == pair.Second || pair.First.StartsWith('{'))) continue;
            if (candidate.Value.TryGetProperty(method.Method.ToLowerInvariant(), out JsonElement operation)) return operation;
        }

        throw new InvalidDataException($"{method} {path} is not in the contract.");
    }

    private void Parameter(JsonElement operation, string path, string[] pair)
    {
        JsonElement found = operation.GetProperty("parameters").EnumerateArray()
            .FirstOrDefault(one => one.GetProperty("in").GetString() == "query" && one.GetProperty("name").GetString() == pair[0]);
        if (found.ValueKind is JsonValueKind.Undefined) throw new InvalidDataException($"{path}: the contract has no parameter {pair[0]}.");
        JsonElement schema = found.GetProperty("schema");
        bool isText = schema.TryGetProperty("type", out JsonElement type) && type.GetString() == "string";
        if (Fault(schema, isText ? JsonSerializer.SerializeToElement(pair[1]) : JsonElement.Parse(pair[1]), pair[0]) is { } fault)
            throw new InvalidDataException($"{path}: {fault}");
    }

    private JsonElement Resolve(string reference) =>
        reference.Split('/').Skip(1).Aggregate(_root, (element, part) => element.GetProperty(part));

    private string? Combined(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("allOf", out JsonElement all))
        {
            foreach (JsonElement part in all.EnumerateArray())
            {
                if (Fault(part, value, at) is { } fault) return fault;
            }
        }

        if (schema.TryGetProperty("anyOf", out JsonElement any))
        {
            string?[] faults = [.. any.EnumerateArray().Select(part => Fault(part, value, at))];
            if (!faults.Contains(null)) return $"{at}: {Show(value)} is none of [{string.Join(" | ", faults)}]";
        }

        if (schema.TryGetProperty("oneOf", out JsonElement one))
        {
            string?[] faults = [.. one.EnumerateArray().Select(part => Fault(part, value, at))];
            if (faults.Count(fault => fault is null) != 1) return $"{at}: {Show(value)} is not exactly one of [{string.Join(" | ", faults)}]";
        }

        return schema.TryGetProperty("enum", out JsonElement allowed) && !allowed.EnumerateArray().Any(each => each.GetRawText() == value.GetRawText())
            ? $"{at}: {Show(value)} is not among {allowed.GetRawText()}"
            : null;
    }

    private string? OfType(JsonElement schema, string type, JsonElement value, string at) => (type, value.ValueKind) switch
    {
        ("object", JsonValueKind.Object) => Object(schema, value, at),
        ("array", JsonValueKind.Array) => Array(schema, value, at),
        ("string", JsonValueKind.String) => Text(schema, value.GetString()!, at),
        ("boolean", JsonValueKind.True or JsonValueKind.False) => null,
        ("integer" or "number", JsonValueKind.Number) => Number(schema, type, value, at),
        _ => $"{at}: {Show(value)} is no {type}",
    };

    private string? Object(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("required", out JsonElement required))
        {
            foreach (JsonElement name in required.EnumerateArray())
            {
                if (!value.TryGetProperty(name.GetString()!, out _)) return $"{at}.{name} is missing";
            }
        }

        bool hasNames = schema.TryGetProperty("properties", out JsonElement properties);
        bool saysMore = schema.TryGetProperty("additionalProperties", out JsonElement more);
        foreach (JsonProperty member in value.EnumerateObject())
        {
            string? fault = null;
            if (hasNames && properties.TryGetProperty(member.Name, out JsonElement known)) fault = Fault(known, member.Value, $"{at}.{member.Name}");
            else if (saysMore && more.ValueKind is JsonValueKind.Object) fault = Fault(more, member.Value, $"{at}.{member.Name}");
            else if (saysMore ? more.ValueKind is JsonValueKind.False : hasNames) fault = $"{at}.{member.Name} is not known";
            if (fault is not null) return fault;
        }

        return null;
    }

    private string? Array(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("minItems", out JsonElement least) && value.GetArrayLength() < least.GetInt32()) return $"{at} has too few items";
        if (schema.TryGetProperty("uniqueItems", out JsonElement unique) && unique.GetBoolean()
            && value.EnumerateArray().DistinctBy(item => item.GetRawText()).Count() < value.GetArrayLength())
            return $"{at} has an item twice";
        if (!schema.TryGetProperty("items", out JsonElement items)) return null;
        return value.EnumerateArray().Select((item, i) => Fault(items, item, $"{at}[{i}]")).FirstOrDefault(fault => fault is not null);
    }

    private static string? Text(JsonElement schema, string value, string at)
    {
        if (schema.TryGetProperty("minLength", out JsonElement least) && value.Length < least.GetInt32()) return $"{at} is too short";
        return schema.TryGetProperty("format", out JsonElement format) && format.GetString() == "uuid" && !Guid.TryParseExact(value, "D", out _)
            ? $"{at}: {value} is no UUID"
            : null;
    }

    private static string? Number(JsonElement schema, string type, JsonElement value, string at)
    {
        double number = value.GetDouble();
        if (type == "integer" && !value.TryGetInt64(out _) && !value.TryGetUInt64(out _)) return $"{at}: {Show(value)} is no integer";
        if (schema.TryGetProperty("format", out JsonElement format) && format.GetString() == "uint32" && number > uint.MaxValue) return $"{at} is too large";
        if (schema.TryGetProperty("minimum", out JsonElement least) && number < least.GetDouble()) return $"{at}: {Show(value)} is too small";
        return schema.TryGetProperty("maximum", out JsonElement most) && number > most.GetDouble() ? $"{at}: {Show(value)} is too large" : null;
    }
}
