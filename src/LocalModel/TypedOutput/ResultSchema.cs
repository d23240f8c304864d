using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Models.Constraints;
using Microsoft.Extensions.AI;

namespace AgentKit.Models.TypedOutput;

/// <summary>The schema of a type, as models are asked for it: always an object, which wraps what is none.</summary>
internal sealed class ResultSchema
{
    private const string WrappedName = "data";

    private static readonly AIJsonSchemaCreateOptions Options = new()
    {
        TransformOptions = new() { RequireAllProperties = true, DisallowAdditionalProperties = true },
        TransformSchemaNode = static (context, node) => WithRange(context.TypeInfo.Type, node),
    };

    /// <summary>What the integers of .NET can hold, which the schema of a type does not say; a <c>long</c> holds all that are written.</summary>
    private static readonly Dictionary<Type, (long Minimum, long Maximum)> Ranges = new()
    {
        [typeof(byte)] = (byte.MinValue, byte.MaxValue),
        [typeof(sbyte)] = (sbyte.MinValue, sbyte.MaxValue),
        [typeof(short)] = (short.MinValue, short.MaxValue),
        [typeof(ushort)] = (ushort.MinValue, ushort.MaxValue),
        [typeof(int)] = (int.MinValue, int.MaxValue),
        [typeof(uint)] = (uint.MinValue, uint.MaxValue),
        [typeof(ulong)] = (0, long.MaxValue),
    };

    private static readonly ConcurrentDictionary<(Type, JsonSerializerOptions), ResultSchema> Known = new();

    private readonly bool _isWrapped;

    private ResultSchema(Type type, JsonSerializerOptions serializerOptions)
    {
        JsonElement schema = AIJsonUtilities.CreateJsonSchema(type, serializerOptions: serializerOptions, inferenceOptions: Options);
        _isWrapped = !IsObject(schema);
        Schema = _isWrapped ? Wrap(schema) : schema;
        Validator = new(Schema);
    }

    public JsonElement Schema { get; }

    public JsonSchemaValidator Validator { get; }

    public static ResultSchema Of(Type type, JsonSerializerOptions serializerOptions) =>
        Known.GetOrAdd((type, serializerOptions), static key => new(key.Item1, key.Item2));

    public JsonElement Unwrap(JsonElement value) => _isWrapped ? value.GetProperty(WrappedName) : value;

    private static bool IsObject(JsonElement schema) => schema.ValueKind == JsonValueKind.Object
        && schema.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String && type.GetString() == "object";

    private static JsonNode WithRange(Type type, JsonNode node)
    {
        if (node is JsonObject fields && Ranges.TryGetValue(Nullable.GetUnderlyingType(type) ?? type, out (long Minimum, long Maximum) range))
        {
            (fields["minimum"], fields["maximum"]) = (range.Minimum, range.Maximum);
        }

        return node;
    }

    private static JsonElement Wrap(JsonElement schema)
    {
        JsonNode inner = JsonNode.Parse(schema.GetRawText())!;
        MoveReferences(inner);
        (inner as JsonObject)?.Remove("$schema");
        return JsonSerializer.SerializeToElement(new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { [WrappedName] = inner },
            ["required"] = new JsonArray(WrappedName),
            ["additionalProperties"] = false,
        });
    }

    /// <summary>References are paths from the root, which is now one member further up.</summary>
    private static void MoveReferences(JsonNode? node)
    {
        if (node is JsonObject fields)
        {
            if (fields["$ref"] is JsonValue value && value.TryGetValue(out string? path) && path.StartsWith('#'))
            {
                fields["$ref"] = $"#/properties/{WrappedName}{path[1..]}";
            }

            foreach ((_, JsonNode? child) in fields)
            {
                MoveReferences(child);
            }
        }

        foreach (JsonNode? item in node as JsonArray ?? [])
        {
            MoveReferences(item);
        }
    }
}
