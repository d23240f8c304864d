using System.Text.Json;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents;

/// <summary>The arguments of a call: checked against the tool's schema, and in the form tools take.</summary>
internal static class ToolArguments
{
    private const int MostFaults = 5;

    /// <summary>Checks arguments.</summary>
    /// <exception cref="ModelOutputException">They do not fit; the message says what was expected.</exception>
    public static void Check(AIFunction tool, JsonElement? arguments)
    {
        if (arguments is not { ValueKind: JsonValueKind.Object } json)
        {
            throw new ModelOutputException(
                $"The arguments of '{tool.Name}' are not a JSON object. Its schema: {tool.JsonSchema.GetRawText()}");
        }

        IReadOnlyList<string> faults = ArgumentValidator.Validate(tool.JsonSchema, json);
        if (faults.Count == 0) return;
        string more = faults.Count > MostFaults ? $"; and {faults.Count - MostFaults} more" : "";
        throw new ModelOutputException($"Wrong arguments for '{tool.Name}': {string.Join("; ", faults.Take(MostFaults))}{more}.");
    }

    /// <summary>Arguments as messages carry them; none when the model's text was not a JSON object.</summary>
    public static Dictionary<string, object?> ToDictionary(JsonElement? arguments) =>
        arguments is { ValueKind: JsonValueKind.Object } json
            ? json.EnumerateObject().DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => (object?)p.Value, StringComparer.Ordinal)
            : [];

    /// <summary>
    /// Arguments as the tool takes them. To a schema 5.0 is an integer, to most deserializers it is not; so whole numbers are passed on
    /// without a fraction. The call's key goes along.
    /// </summary>
    public static AIFunctionArguments ForInvocation(AIFunction tool, JsonElement? arguments, string key)
    {
        Dictionary<string, object?> values = ToDictionary(arguments);
        foreach ((string name, object? value) in values.ToArray())
        {
            if (value is JsonElement { ValueKind: JsonValueKind.Number } number
                && !number.TryGetInt64(out _)
                && number.TryGetDecimal(out decimal whole)
                && decimal.Truncate(whole) == whole
                && IsInteger(tool.JsonSchema, name))
            {
                values[name] = JsonSerializer.SerializeToElement(decimal.Truncate(whole), AIJsonUtilities.DefaultOptions);
            }
        }

        var invocation = new AIFunctionArguments(values);
        ToolCallKey.Set(invocation, key);
        return invocation;
    }

    private static bool IsInteger(JsonElement schema, string name) =>
        schema.ValueKind is JsonValueKind.Object
        && schema.TryGetProperty("properties", out JsonElement properties) && properties.ValueKind is JsonValueKind.Object
        && properties.TryGetProperty(name, out JsonElement property) && property.ValueKind is JsonValueKind.Object
        && property.TryGetProperty("type", out JsonElement type) && type.ValueKind is JsonValueKind.String && type.ValueEquals("integer");
}
