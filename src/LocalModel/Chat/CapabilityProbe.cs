using System.Text.Json.Nodes;

namespace AgentKit.Models.Chat;

/// <summary>Finds a template's <see cref="TemplateCapabilities"/>.</summary>
internal static class CapabilityProbe
{
    private static readonly string[] ReasoningFields = ["reasoning_content", "reasoning", "thinking", "thought"];

    public static TemplateCapabilities Detect(TemplateProbe probe)
    {
        var capabilities = DetectWith(probe);
        if (capabilities.Tools || !probe.Source.Contains("functions", StringComparison.Ordinal))
            return capabilities;
        var withFunctions = DetectWith(probe.WithFunctionsVariable());
        return withFunctions.Tools ? withFunctions with { FunctionsVariable = true } : capabilities;
    }

    private static TemplateCapabilities DetectWith(TemplateProbe probe)
    {
        var typed = !probe.Shows([Text("user", TemplateProbe.User)], TemplateProbe.User)
            && probe.Shows([TemplateProbe.Message("user", TemplateProbe.TypedText(TemplateProbe.User))], TemplateProbe.User);
        var nullContent = !IsShown(probe, emptyContent: true) && IsShown(probe, emptyContent: false);
        var stringArguments = NeedsStringArguments(probe, nullContent);
        return new TemplateCapabilities
        {
            TypedContent = typed,
            SystemRole = probe.Shows([Content("system", TemplateProbe.System, typed), Content("user", TemplateProbe.User, typed)],
                TemplateProbe.System),
            DeveloperRole = probe.Source.Contains("developer", StringComparison.Ordinal)
                && probe.Shows([Content("developer", TemplateProbe.System, typed), Content("user", TemplateProbe.User, typed)],
                    TemplateProbe.System),
            Tools = probe.Shows([Content("user", TemplateProbe.User, typed)], TemplateProbe.FirstName, TemplateProbe.Tools),
            StringArguments = stringArguments,
            NullContentWithCalls = nullContent,
            ToolCalls = probe.Shows(Calls(1, stringArguments, nullContent), TemplateProbe.FirstName),
            ParallelToolCalls = probe.Shows(Calls(2, stringArguments, nullContent), TemplateProbe.SecondName),
            ToolResults = probe.Shows([.. Detached(Calls(1, stringArguments, nullContent)), ToolResult()], TemplateProbe.Result),
            ReasoningField = FindReasoningField(probe, stringArguments, nullContent),
            ThinkingSwitch = HasThinkingSwitch(probe, typed),
        };
    }

    /// <summary>
    /// A conversation that ends with an assistant message with one or two calls. Tools are not given, so that names occur in calls only.
    /// </summary>
    private static JsonArray Calls(int count, bool stringArguments, bool nullContent)
    {
        JsonArray calls = [TemplateProbe.Call(TemplateProbe.FirstId, TemplateProbe.FirstName, Arguments(), stringArguments)];
        if (count > 1)
            calls.Add(TemplateProbe.Call(TemplateProbe.SecondId, TemplateProbe.SecondName, Arguments(), stringArguments));
        var message = TemplateProbe.Message("assistant", nullContent ? null : "");
        message["tool_calls"] = calls;
        return [Text("user", TemplateProbe.User), message];
    }

    private static bool IsShown(TemplateProbe probe, bool emptyContent) =>
        probe.Shows(Calls(1, stringArguments: false, !emptyContent), TemplateProbe.FirstName)
        || probe.Shows(Calls(1, stringArguments: true, !emptyContent), TemplateProbe.FirstName);

    private static bool NeedsStringArguments(TemplateProbe probe, bool nullContent)
    {
        var withObject = probe.Render(Calls(1, stringArguments: false, nullContent));
        var withString = probe.Render(Calls(1, stringArguments: true, nullContent));
        return IsFaithful(withString) && !IsFaithful(withObject);
    }

    /// <summary>
    /// Whether the argument arrived, and not as the printed form of a Python dictionary or as escaped JSON inside a JSON string.
    /// </summary>
    private static bool IsFaithful(string? prompt) => prompt is not null
        && prompt.Contains(TemplateProbe.FirstValue, StringComparison.Ordinal)
        && !prompt.Contains($"'{TemplateProbe.FirstKey}'", StringComparison.Ordinal)
        && !prompt.Contains($"\\\"{TemplateProbe.FirstKey}", StringComparison.Ordinal);

    /// <summary>
    /// Earlier reasoning is often kept only in the message that is being continued, or only beside calls: both are tried.
    /// </summary>
    private static string? FindReasoningField(TemplateProbe probe, bool stringArguments, bool nullContent)
    {
        foreach (var field in ReasoningFields)
        {
            var final = Text("assistant", TemplateProbe.Answer);
            final[field] = TemplateProbe.Reasoning;
            if (probe.Shows([Text("user", TemplateProbe.User), final], TemplateProbe.Reasoning))
                return field;
            var calls = Calls(1, stringArguments, nullContent);
            calls[1]![field] = TemplateProbe.Reasoning;
            if (probe.Shows([.. Detached(calls), ToolResult()], TemplateProbe.Reasoning))
                return field;
        }
        return null;
    }

    private static bool HasThinkingSwitch(TemplateProbe probe, bool typed)
    {
        string? With(bool enabled) => probe.Render(
            [Content("user", TemplateProbe.User, typed)], null, generationPrompt: true,
            new Dictionary<string, object?> { ["enable_thinking"] = enabled });
        return With(true) != With(false);
    }

    private static JsonObject Arguments() => new() { [TemplateProbe.FirstKey] = TemplateProbe.FirstValue };

    private static JsonObject Text(string role, string text) => TemplateProbe.Message(role, text);

    private static JsonObject Content(string role, string text, bool typed) =>
        TemplateProbe.Message(role, typed ? TemplateProbe.TypedText(text) : text);

    private static JsonObject ToolResult() => new()
    {
        ["role"] = "tool", ["tool_call_id"] = TemplateProbe.FirstId, ["name"] = TemplateProbe.FirstName, ["content"] = TemplateProbe.Result,
    };

    private static IEnumerable<JsonNode?> Detached(JsonArray messages) => messages.Select(message => message?.DeepClone());
}
