using System.Text.Json;

namespace AgentKit.Kernel.Tools;

/// <summary>
/// Checks the arguments of a tool call against the tool's JSON Schema and says what is wrong in words a model can act on: which argument,
/// what was expected, what was found.
/// </summary>
/// <remarks>
/// Understood keywords: <c>type</c>, <c>properties</c>, <c>required</c>, <c>additionalProperties</c>, <c>items</c>, <c>enum</c>,
/// <c>const</c>, <c>minimum</c>, <c>maximum</c>, <c>exclusiveMinimum</c>, <c>exclusiveMaximum</c>, <c>minLength</c>, <c>maxLength</c>,
/// <c>minItems</c>, <c>maxItems</c>, <c>anyOf</c>, <c>oneOf</c>, <c>allOf</c> and <c>$ref</c> within the schema. Other keywords are left
/// to the tool itself.
/// One rule is stricter than JSON Schema: a schema that lists <c>properties</c> and is silent on <c>additionalProperties</c> refuses
/// unknown arguments at the top level, because a misspelt argument would be ignored otherwise. Nested objects follow JSON Schema.
/// </remarks>
public static class ArgumentValidator
{
    /// <summary>Checks one call.</summary>
    /// <param name="schema">The tool's input schema, an object or a boolean.</param>
    /// <param name="arguments">The arguments as they came from the model or the client.</param>
    /// <returns>One sentence for each fault, in the schema's order; empty when the arguments fit.</returns>
    public static IReadOnlyList<string> Validate(JsonElement schema, JsonElement arguments)
    {
        var check = new SchemaCheck(schema);
        check.Visit(schema, arguments, "");
        return check.Faults;
    }
}
