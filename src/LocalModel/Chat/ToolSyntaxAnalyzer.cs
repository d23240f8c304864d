using System.Text.Json.Nodes;

namespace AgentKit.Models.Chat;

/// <summary>
/// Derives a <see cref="ToolSyntax"/> from a template alone: renders conversations that differ in one thing, and reads the markers off
/// the differences.
/// </summary>
internal static class ToolSyntaxAnalyzer
{
    public static ToolSyntax Derive(TemplateProbe probe, TemplateCapabilities capabilities)
    {
        var syntax = new ToolSyntax { GenerationPrompt = ReasoningAnalyzer.GenerationPrompt(probe, capabilities) };
        syntax = ReasoningAnalyzer.Derive(probe, capabilities, syntax);
        var answer = ProbeTurns.Answer(probe, capabilities);
        var single = ProbeTurns.Calls(probe, capabilities, First());
        if (answer is not null)
            syntax = syntax with { ContentStart = LeadingSpace(answer, syntax.GenerationPrompt) };
        if (answer is null || single is null)
            return syntax;
        // 1. What comes before the call in every turn is the header; what follows is the footer. The rest is the call.
        var turn = Turn.Split(answer, single, syntax, ProbeTurns.EndOfAnswer(probe, capabilities));
        var body = turn.Body(single);
        var shape = CallShape.Find(body, 0, TemplateProbe.FirstName, TemplateProbe.FirstId, TemplateProbe.FirstKey,
            TemplateProbe.FirstValue);
        if (shape is null)
            return syntax;
        syntax = syntax with
        {
            Style = shape.Style,
            Encoding = shape.Encoding,
            StringQuote = shape.StringQuote is { Length: > 0 } quote ? quote : syntax.StringQuote,
            TagPrefix = shape.TagPrefix,
            ContentStart = turn.ContentStart.Length > 0 ? turn.ContentStart : syntax.ContentStart,
            ContentEnd = turn.ContentEnd,
        };
        // 2. A second call tells the marks of the section from those of the call.
        var both = ProbeTurns.Calls(probe, capabilities, First(), Second());
        syntax = CallLayout.Derive(syntax, body, shape, both is null ? null : turn.Body(both));
        // 3. Details of the style.
        return shape.Style switch
        {
            ToolCallStyle.JsonNative => JsonFields.Derive(syntax, shape.Json!),
            ToolCallStyle.TagWithTaggedArguments => TaggedArgumentAnalyzer.Derive(probe, capabilities, turn, syntax),
            _ => syntax,
        };
    }

    /// <summary>
    /// White space that stands between the generation prompt and an answer: the model writes it, but it belongs to the header.
    /// </summary>
    private static string LeadingSpace(string answer, string generationPrompt)
    {
        var header = generationPrompt.TrimEnd();
        var before = answer[..answer.IndexOf(TemplateProbe.Answer, StringComparison.Ordinal)];
        var at = header.Length == 0 ? -1 : before.LastIndexOf(header, StringComparison.Ordinal);
        if (at < 0 || !before[at..].StartsWith(generationPrompt, StringComparison.Ordinal))
            return "";
        var space = before[(at + generationPrompt.Length)..];
        return string.IsNullOrWhiteSpace(space) ? space : "";
    }

    private static (string, string, JsonObject) First() =>
        (TemplateProbe.FirstId, TemplateProbe.FirstName, new JsonObject { [TemplateProbe.FirstKey] = TemplateProbe.FirstValue });

    private static (string, string, JsonObject) Second() =>
        (TemplateProbe.SecondId, TemplateProbe.SecondName, new JsonObject { [TemplateProbe.SecondKey] = TemplateProbe.SecondValue });
}
