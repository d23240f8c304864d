namespace AgentKit.Models.Chat;

/// <summary>What surrounds the content of an assistant turn: header and footer of the message, and marks around an answer.</summary>
internal sealed record Turn
{
    /// <summary>Text before the content of any turn.</summary>
    public required string Header { get; init; }

    /// <summary>Text behind the content of any turn.</summary>
    public required string Footer { get; init; }

    /// <summary>Further text before an answer.</summary>
    public required string ContentStart { get; init; }

    /// <summary>Further text behind an answer.</summary>
    public required string ContentEnd { get; init; }

    /// <summary>Mark that closes reasoning, which may stand empty before calls.</summary>
    public required string ReasoningEnd { get; init; }

    /// <summary>Marks that end a message.</summary>
    public required IReadOnlyList<string> EndMarks { get; init; }

    public static Turn Split(string answer, string call, ToolSyntax reasoning, string endOfAnswer)
    {
        var at = answer.IndexOf(TemplateProbe.Answer, StringComparison.Ordinal);
        var (before, behind) = (answer[..at], answer[(at + TemplateProbe.Answer.Length)..]);
        var header = MarkerText.CommonPrefix(before, call);
        var footer = MarkerText.CommonSuffix(behind, call[header..]);
        var end = reasoning.ReasoningEnd.Trim();
        var start = WithoutReasoning(before[header..], end);
        return new Turn
        {
            Header = before[..header],
            Footer = behind[^footer..],
            ContentStart = start.Trim() == reasoning.ReasoningStart.Trim() ? "" : start,
            ContentEnd = behind[..^footer],
            ReasoningEnd = end,
            EndMarks = [.. new[] { endOfAnswer, MarkerText.LeadingMarker(behind).Trim() }.Where(mark => mark.Length > 0).Distinct()],
        };
    }

    /// <summary>The calls of a turn, without what surrounds them.</summary>
    public string Body(string turn)
    {
        var start = MarkerText.CommonPrefix(Header, turn);
        var body = turn[start..^MarkerText.CommonSuffix(Footer, turn[start..])];
        return CutAtEnd(WithoutReasoning(body, ReasoningEnd));
    }

    private static string WithoutReasoning(string text, string end)
    {
        var at = end.Length == 0 ? -1 : text.IndexOf(end, StringComparison.Ordinal);
        var first = text.IndexOf(TemplateProbe.FirstName, StringComparison.Ordinal);
        return at >= 0 && (first < 0 || at < first) ? text[(at + end.Length)..] : text;
    }

    /// <summary>Ends a body where a mark that also ends answers begins: it ends the message, not the call.</summary>
    private string CutAtEnd(string body)
    {
        var last = Math.Max(0, body.LastIndexOf(TemplateProbe.FirstValue, StringComparison.Ordinal));
        foreach (var mark in EndMarks)
        {
            var at = body.IndexOf(mark, last, StringComparison.Ordinal);
            body = at < 0 ? body : body[..at];
        }
        return body;
    }
}
