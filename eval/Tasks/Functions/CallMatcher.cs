using System.Text.Json;
using AgentKit.Kernel.Runs;

namespace AgentKit.Eval.Tasks.Functions;

/// <summary>
/// Holds function calls against what is allowed, after the rules of the Berkeley Function Calling Leaderboard (Patil et al. 2024): names,
/// required and unknown parameters, and for every parameter a list of right values, in which an empty text means that it may be left out.
/// </summary>
internal static class CallMatcher
{
    /// <summary>Why the calls are wrong; <c>null</c> when they are right.</summary>
    /// <param name="calls">What the model wants to have called.</param>
    /// <param name="expected">For each call <c>{name: {parameter: [right values]}}</c>, in any order.</param>
    /// <param name="functions">The functions on offer, with their schemas.</param>
    public static string? Mismatch(IReadOnlyList<ToolCall> calls, IReadOnlyList<JsonElement> expected, IReadOnlyList<JsonElement> functions)
    {
        if (calls.Count != expected.Count) return $"{calls.Count} calls where {expected.Count} are expected";
        List<ToolCall> left = [.. calls];
        foreach (JsonElement one in expected)
        {
            string? reason = null;
            int found = left.FindIndex(call => (reason = Mismatch(call, one, functions)) is null);
            if (found < 0) return reason;
            left.RemoveAt(found);
        }

        return null;
    }

    /// <summary>Names of functions without dots, which templates and grammars do not take.</summary>
    public static string PlainName(string name) => name.Replace('.', '_');

    private static string? Mismatch(ToolCall call, JsonElement expected, IReadOnlyList<JsonElement> functions)
    {
        JsonProperty right = expected.EnumerateObject().Single();
        if (PlainName(call.Name) != PlainName(right.Name)) return $"{call.Name} is called, {right.Name} is expected";
        if (call.Arguments is not { ValueKind: JsonValueKind.Object } arguments) return $"the arguments of {call.Name} are no object";
        JsonElement schema = functions.FirstOrDefault(function => function.Text("name") == right.Name);
        if (schema.ValueKind == JsonValueKind.Undefined) throw new FormatException($"The function {right.Name} is not described.");
        JsonElement parameters = schema.GetProperty("parameters");
        foreach (string required in parameters.Texts("required"))
        {
            // Where key and description disagree (the published files have a few such places), the key decides.
            bool known = right.Value.TryGetProperty(required, out JsonElement values) && values.GetArrayLength() > 0;
            if (known && !arguments.TryGetProperty(required, out _)) return $"{call.Name} lacks {required}";
        }

        JsonElement types = parameters.GetProperty("properties");
        foreach (JsonProperty argument in arguments.EnumerateObject())
        {
            if (!right.Value.TryGetProperty(argument.Name, out JsonElement allowed)) return $"{call.Name} has no parameter {argument.Name}";
            string type = types.TryGetProperty(argument.Name, out JsonElement described) ? Type(described) : "";
            if (!CallValue.IsAllowed(argument.Value, allowed, type))
                return $"{call.Name}: {argument.Name} is {argument.Value.GetRawText()}, allowed is {allowed.GetRawText()}";
        }

        string? missing = right.Value.EnumerateObject()
            .Where(one => !CallValue.IsOptional(one.Value) && !arguments.TryGetProperty(one.Name, out _))
            .Select(one => one.Name).FirstOrDefault();
        return missing is null ? null : $"{call.Name} lacks {missing}";
    }

    private static string Type(JsonElement schema) =>
        schema.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String ? type.GetString()! : "";
}
