using System.Text.Json;
using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>
/// Checks the arguments of a call against its tool's JSON schema and says what is wrong in words the model can act on. Checked are types, enumerations,
/// required and unknown properties, items, combinations and local references; further limits are the tool's own to check.
/// </summary>
internal static class ToolArguments
{
    private const int MostErrors = 5;

    /// <summary>Arguments as tools take them.</summary>
    public static Dictionary<string, object?> ToDictionary(JsonElement? arguments) =>
        arguments is { ValueKind: JsonValueKind.Object } json
            ? json.EnumerateObject().DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => (object?)p.Value, StringComparer.Ordinal)
            : [];

    /// <summary>Checks arguments.</summary>
    /// <exception cref="ModelOutputException">They do not fit; the message names each fault and the tool's signature.</exception>
    public static void Check(AIFunction tool, JsonElement? arguments)
    {
        JsonElement schema = tool.JsonSchema;
        if (arguments is not { ValueKind: JsonValueKind.Object } json)
            throw new ModelOutputException($"The arguments of '{tool.Name}' must be one JSON object. Expected: {Signature(tool)}.");

        var errors = new List<string>();
        if (schema.ValueKind is JsonValueKind.Object)
        {
            CheckUnknown(schema, json, errors);
            new SchemaChecker(schema).Check(schema, json, "", errors);
        }

        if (errors.Count == 0) return;
        string more = errors.Count > MostErrors ? $" and {errors.Count - MostErrors} more" : "";
        throw new ModelOutputException(
            $"Wrong arguments for '{tool.Name}': {string.Join("; ", errors.Take(MostErrors))}{more}. Expected: {Signature(tool)}.");
    }

    /// <summary>A schema allows what it does not mention; for a call, an argument nobody declared is a mistake.</summary>
    private static void CheckUnknown(JsonElement schema, JsonElement arguments, List<string> errors)
    {
        if (!schema.TryGetProperty("properties", out JsonElement properties) || properties.ValueKind is not JsonValueKind.Object) return;
        if (schema.TryGetProperty("additionalProperties", out _) || schema.TryGetProperty("patternProperties", out _)) return;
        errors.AddRange(arguments.EnumerateObject()
            .Where(argument => !properties.TryGetProperty(argument.Name, out _))
            .Select(argument => $"'{argument.Name}' is not an argument"));
    }

    private static string Signature(AIFunction tool)
    {
        JsonElement schema = tool.JsonSchema;
        if (schema.ValueKind is not JsonValueKind.Object
            || !schema.TryGetProperty("properties", out JsonElement properties)
            || properties.ValueKind is not JsonValueKind.Object)
        {
            return $"{tool.Name}({{}})";
        }

        HashSet<string?> required = schema.TryGetProperty("required", out JsonElement names) && names.ValueKind is JsonValueKind.Array
            ? [.. names.EnumerateArray().Select(name => name.GetString())]
            : [];
        IEnumerable<string> parameters = properties.EnumerateObject()
            .Select(p => $"{p.Name}{(required.Contains(p.Name) ? "" : "?")}: {SchemaChecker.Describe(p.Value)}");
        return $"{tool.Name}({string.Join(", ", parameters)})";
    }
}
