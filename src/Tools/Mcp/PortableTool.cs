using System.Text.Json;
using System.Text.RegularExpressions;
using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Tools.Mcp;

/// <summary>
/// Refuses tools that some common client or model API would refuse at run time, where the user sees only a failed request: names beyond
/// lower-case letters, digits, <c>_</c> and <c>-</c>; combined schemas at the top; type unions; references; arrays without items.
/// </summary>
internal static partial class PortableTool
{
    private static readonly string[] Combinations = ["oneOf", "anyOf", "allOf", "not", "if", "enum"];

    public static void Check(IReadOnlyList<AIFunction> tools)
    {
        foreach (var tool in tools)
        {
            if (!Name().IsMatch(tool.Name))
                throw Fault(tool, "its name must start with a lower-case letter and have at most 40 of a-z, 0-9, _ and -");
            CheckRoot(tool);
        }

        CheckNames(tools);
    }

    /// <summary>What the protocol itself asks of names: different ones, of characters that every transport carries.</summary>
    public static void CheckNames(IReadOnlyList<AIFunction> tools)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tool in tools)
        {
            if (!SpecName().IsMatch(tool.Name))
                throw Fault(tool, "its name must have 1 to 128 of letters, digits, _, . and -");
            if (!seen.Add(tool.Name))
                throw Fault(tool, "another tool has the same name");
        }
    }

    private static void CheckRoot(AIFunction tool)
    {
        var schema = tool.JsonSchema;
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("type", out var type) || !type.ValueEquals("object"u8))
            throw Fault(tool, "its schema must have \"type\": \"object\" at the top");
        foreach (var keyword in Combinations)
        {
            if (schema.TryGetProperty(keyword, out _))
                throw Fault(tool, $"its schema has '{keyword}' at the top, which several model APIs refuse");
        }
        CheckSchema(tool, schema, "the top");
    }

    private static void CheckSchema(AIFunction tool, JsonElement schema, string place)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return;
        if (schema.TryGetProperty("$ref", out _))
            throw Fault(tool, $"its schema has a $ref at {place}; write the schema out");
        if (schema.TryGetProperty("type", out var type))
        {
            if (type.ValueKind != JsonValueKind.String)
                throw Fault(tool, $"its schema has a union of types at {place}; make the argument optional instead of nullable");
            if (type.ValueEquals("array"u8) && !schema.TryGetProperty("items", out _))
                throw Fault(tool, $"its schema has an array without 'items' at {place}");
        }
        CheckRequired(tool, schema, place);
        if (schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (!PropertyName().IsMatch(property.Name))
                    throw Fault(tool, $"its argument '{property.Name}' must have 1 to 64 of letters, digits, _, . and -");
                CheckSchema(tool, property.Value, $"'{property.Name}'");
            }
        }
        if (schema.TryGetProperty("items", out var items))
            CheckSchema(tool, items, $"the items of {place}");
    }

    private static void CheckRequired(AIFunction tool, JsonElement schema, string place)
    {
        if (!schema.TryGetProperty("required", out var required) || required.ValueKind != JsonValueKind.Array)
            return;
        foreach (var name in required.EnumerateArray())
        {
            if (!schema.TryGetProperty("properties", out var properties) || !properties.TryGetProperty(name.GetString()!, out _))
                throw Fault(tool, $"its schema requires '{name}' at {place} but does not describe it");
        }
    }

    private static UserInputException Fault(AIFunction tool, string what) =>
        new($"tool '{tool.Name}'", $"tool '{tool.Name}' cannot be served: {what}");

    [GeneratedRegex("^[a-z][a-z0-9_-]{0,39}\\z")]
    private static partial Regex Name();

    [GeneratedRegex("^[a-zA-Z0-9_.-]{1,128}\\z")]
    private static partial Regex SpecName();

    [GeneratedRegex("^[a-zA-Z0-9_.-]{1,64}\\z")]
    private static partial Regex PropertyName();
}
