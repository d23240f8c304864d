using System.Text.Json.Nodes;

namespace AgentKit.Models.Chat;

/// <summary>Rendered assistant turns: what stands behind the last question of a probe conversation.</summary>
internal static class ProbeTurns
{
    /// <summary>The text behind the last question; null when the prompt does not show it.</summary>
    public static string? Tail(string? prompt)
    {
        var at = prompt?.LastIndexOf(TemplateProbe.User, StringComparison.Ordinal) ?? -1;
        return at < 0 ? null : prompt![(at + TemplateProbe.User.Length)..];
    }

    public static JsonObject Text(string role, string text, TemplateCapabilities capabilities) =>
        TemplateProbe.Message(role, capabilities.TypedContent ? TemplateProbe.TypedText(text) : text);

    /// <summary>A turn that answers with <see cref="TemplateProbe.Answer"/>; null when the template does not show it.</summary>
    public static string? Answer(TemplateProbe probe, TemplateCapabilities capabilities) =>
        Showing(Render(probe, capabilities, Text("assistant", TemplateProbe.Answer, capabilities)), TemplateProbe.Answer);

    /// <summary>The mark that stands behind an answer when the conversation goes on; empty when there is none.</summary>
    public static string EndOfAnswer(TemplateProbe probe, TemplateCapabilities capabilities)
    {
        var prompt = probe.Render(
        [
            Text("user", "q", capabilities),
            Text("assistant", TemplateProbe.Answer, capabilities),
            Text("user", TemplateProbe.User, capabilities),
        ]);
        var at = prompt?.IndexOf(TemplateProbe.Answer, StringComparison.Ordinal) ?? -1;
        return at < 0 ? "" : MarkerText.LeadingMarker(prompt![(at + TemplateProbe.Answer.Length)..]).Trim();
    }

    /// <summary>A turn with the given calls and no text; null when the template refuses it or does not show the last call.</summary>
    public static string? Calls(
        TemplateProbe probe, TemplateCapabilities capabilities, params ReadOnlySpan<(string Id, string Name, JsonObject Arguments)> calls)
    {
        var message = WithCalls(capabilities);
        var list = new JsonArray();
        foreach (var (id, name, arguments) in calls)
            list.Add(TemplateProbe.Call(id, name, arguments, capabilities.StringArguments));
        message["tool_calls"] = list;
        return Showing(Render(probe, capabilities, message), calls[^1].Name);
    }

    /// <summary>Turns with reasoning: before an answer, and before a call.</summary>
    public static IEnumerable<string> WithReasoning(TemplateProbe probe, TemplateCapabilities capabilities, string field)
    {
        var answer = Text("assistant", TemplateProbe.Answer, capabilities);
        answer[field] = TemplateProbe.Reasoning;
        var calls = WithCalls(capabilities);
        calls[field] = TemplateProbe.Reasoning;
        calls["tool_calls"] = new JsonArray(TemplateProbe.Call(
            TemplateProbe.FirstId, TemplateProbe.FirstName, new JsonObject { [TemplateProbe.FirstKey] = TemplateProbe.FirstValue },
                capabilities.StringArguments));
        var result = new JsonObject
        {
            ["role"] = "tool", ["tool_call_id"] = TemplateProbe.FirstId, ["name"] = TemplateProbe.FirstName,
                ["content"] = TemplateProbe.Result,
        };
        foreach (var turn in new[] { Render(probe, capabilities, answer), Render(probe, capabilities, calls, result) })
        {
            if (turn is not null)
                yield return turn;
        }
    }

    private static JsonObject WithCalls(TemplateCapabilities capabilities) =>
        capabilities.NullContentWithCalls ? TemplateProbe.Message("assistant", null) : Text("assistant", "", capabilities);

    private static string? Render(TemplateProbe probe, TemplateCapabilities capabilities, params JsonObject[] turn) =>
        Tail(probe.Render([Text("user", TemplateProbe.User, capabilities), .. turn], capabilities.Tools ? TemplateProbe.Tools : null));

    private static string? Showing(string? turn, string needle) => turn?.Contains(needle, StringComparison.Ordinal) == true ? turn : null;
}
