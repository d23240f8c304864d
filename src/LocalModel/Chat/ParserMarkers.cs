namespace AgentKit.Models.Chat;

/// <summary>
/// The marks of a syntax as the parser looks for them: without surrounding white space, and without the JSON that follows them.
/// </summary>
internal sealed class ParserMarkers
{
    public ParserMarkers(ToolSyntax syntax)
    {
        ReasoningStart = syntax.ReasoningStart.Trim();
        ReasoningEnd = syntax.ReasoningEnd.Trim();
        var lead = syntax.Call.Count > 0 && syntax.Call[0].Kind == CallPieceKind.Literal ? syntax.Call[0].Text : "";
        var isJson = syntax.Style == ToolCallStyle.JsonNative;
        Section = (isJson ? BeforeJson(syntax.SectionStart) : syntax.SectionStart).Trim();
        var sectionOpensJson = isJson && BeforeJson(syntax.SectionStart).Length < syntax.SectionStart.Length;
        Call = sectionOpensJson ? "" : (isJson ? BeforeJson(lead) : lead).Trim();
        FollowsDirectly = isJson && Section.Length > 0 && Call.Length == 0;
        IsBare = isJson && Section.Length == 0 && Call.Length == 0;
        Dropped = [.. new[] { syntax.ContentStart.Trim(), syntax.ContentEnd.Trim() }.Concat(syntax.Ignored).Where(text => text.Length > 0)];
        Trailing = [.. TrailingMarks(syntax, isJson)];
    }

    public string ReasoningStart { get; }

    public string ReasoningEnd { get; }

    /// <summary>Opens the section of calls; empty when there is none.</summary>
    public string Section { get; }

    /// <summary>Opens a call; empty when calls follow the section mark, or each other, directly.</summary>
    public string Call { get; }

    /// <summary>A call is JSON without any mark; it is recognised at the beginning of the answer only.</summary>
    public bool IsBare { get; }

    /// <summary>Inside of a section, further calls are JSON without any mark.</summary>
    public bool FollowsDirectly { get; }

    /// <summary>Marks that mean nothing to the reader of the answer.</summary>
    public IReadOnlyList<string> Dropped { get; }

    /// <summary>Marks that may follow a call: its end, the end of the section, separators.</summary>
    public IReadOnlyList<string> Trailing { get; }

    /// <summary>Marks to look for in an answer.</summary>
    public IReadOnlyList<string> InText(bool afterCall)
    {
        IEnumerable<string> marks = [ReasoningStart, ReasoningEnd, Section, Call, .. Dropped];
        return [.. (afterCall ? marks.Concat(Trailing) : marks).Where(mark => mark.Length > 0).Distinct()];
    }

    private static IEnumerable<string> TrailingMarks(ToolSyntax syntax, bool isJson)
    {
        var texts = new List<string> { syntax.SectionEnd, syntax.CallSeparator };
        if (syntax.Call.Count > 0 && syntax.Call[^1].Kind == CallPieceKind.Literal)
            texts.Add(syntax.Call[^1].Text);
        foreach (var text in texts)
        {
            // The parser reads JSON to its end by itself; only what follows the closing braces is left.
            var mark = (isJson ? text.TrimStart('}', ']', ' ', '\n', '\t') : text).Trim();
            if (mark.Length > 0)
                yield return mark;
        }
    }

    private static string BeforeJson(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '{' || (text[i] == '[' && (i + 1 == text.Length || text[i + 1] is '{' or ' ' or '\n')))
                return text[..i];
        }
        return text;
    }
}
