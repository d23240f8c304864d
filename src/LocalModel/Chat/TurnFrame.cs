using System.Text.Json.Nodes;

namespace AgentKit.Models.Chat;

/// <summary>What a template writes around an assistant message: the header before it and the marks that end it.</summary>
internal sealed class TurnFrame
{
    /// <summary>Marks of turns that end in the model's end-of-sequence token, whose text a template that stands alone does not know.</summary>
    private static readonly string[] CommonEnds =
    [
        "</s>", "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|endoftext|>", "<|end_of_text|>", "<|return|>", "<|call|>",
        "<end_of_turn>", "<turn|>", "<eos>", "<|eos|>", "<|END_OF_TURN_TOKEN|>", "<｜end▁of▁sentence｜>",
    ];

    private readonly string[] _headers;
    private readonly string[] _ends;
    private readonly string _trailingSpace;

    private TurnFrame(IEnumerable<string> headers, IEnumerable<string> ends, string trailingSpace, string opening)
    {
        _headers = [.. Variants(headers.Select(header => header.TrimStart()))];
        _ends = [.. Variants(ends.Select(end => end.TrimEnd()).Concat(CommonEnds))];
        _trailingSpace = trailingSpace;
        Opening = opening;
    }

    /// <summary>What the generation prompt writes of the message itself, such as an opened reasoning block.</summary>
    public string Opening { get; }

    public static TurnFrame Of(ChatFormat format)
    {
        var probe = new TemplateProbe(format.Template, "", "");
        probe = format.Capabilities.FunctionsVariable ? probe.WithFunctionsVariable() : probe;
        ToolSyntax syntax = format.ToolSyntax;
        string opening = PromptTail.Find(syntax, syntax.GenerationPrompt);
        string header = syntax.GenerationPrompt[..^opening.Length];
        // Some templates write the end of the question only when something follows it.
        string question = ProbeTurns.Tail(probe.Render([ProbeTurns.Text("user", TemplateProbe.User, format.Capabilities)])) ?? "";
        List<string> headers = [header, question + header];
        List<string> ends = [ProbeTurns.EndOfAnswer(probe, format.Capabilities), EndOfCalls(probe, format)];
        string space = "";
        if (ProbeTurns.Answer(probe, format.Capabilities) is { } answer)
        {
            int at = answer.IndexOf(TemplateProbe.Answer, StringComparison.Ordinal);
            string before = BeforeMarks(answer[..at], syntax);
            string behind = answer[(at + TemplateProbe.Answer.Length)..];
            headers.Add(before);
            if (before.StartsWith(question, StringComparison.Ordinal)) headers.Add(before[question.Length..]);
            ends.Add(behind);
            space = string.IsNullOrWhiteSpace(behind) ? behind : "";
        }

        return new(headers, ends, space, opening);
    }

    /// <summary>The message alone.</summary>
    /// <param name="text">The message with or without its frame.</param>
    /// <param name="hasHeader">Whether the header was there; then the text also holds what the generation prompt opens.</param>
    /// <param name="isWhole">Whether the turn was ended.</param>
    public string Strip(string text, out bool hasHeader, out bool isWhole)
    {
        string start = text.TrimStart();
        string? header = _headers.FirstOrDefault(known => start.StartsWith(known, StringComparison.Ordinal));
        string body = header is null ? text : start[header.Length..];
        (hasHeader, isWhole) = (header is not null, false);
        for (bool found = true; found;)
        {
            string trimmed = body.TrimEnd();
            string? end = _ends.FirstOrDefault(known => trimmed.EndsWith(known, StringComparison.Ordinal));
            found = end is not null;
            isWhole |= found;
            if (found) body = trimmed[..^end!.Length];
        }

        return _trailingSpace.Length > 0 && body.EndsWith(_trailingSpace, StringComparison.Ordinal) ? body[..^_trailingSpace.Length] : body;
    }

    /// <summary>An answer without the frames in it: some templates write answer and calls of one message as two turns.</summary>
    public string Joined(string content)
    {
        foreach (string header in _headers.Where(known => known.AsSpan().ContainsAny('<', '[')))
        {
            for (int at = content.IndexOf(header, StringComparison.Ordinal); at >= 0; at = content.IndexOf(header, StringComparison.Ordinal))
            {
                string before = content[..at].TrimEnd();
                string end = _ends.FirstOrDefault(known => before.EndsWith(known, StringComparison.Ordinal)) ?? "";
                content = before[..^end.Length] + content[(at + header.Length)..];
            }
        }

        return content;
    }

    /// <summary>Marks of reasoning and answers belong to the message.</summary>
    private static string BeforeMarks(string header, ToolSyntax syntax)
    {
        int end = header.Length;
        foreach (string mark in (ReadOnlySpan<string>)[syntax.ReasoningStart.Trim(), syntax.ReasoningEnd.Trim(), syntax.ContentStart.Trim()])
        {
            int at = mark.Length == 0 ? -1 : header.IndexOf(mark, StringComparison.Ordinal);
            end = at >= 0 && at < end ? at : end;
        }

        return header[..end];
    }

    /// <summary>What stands behind the calls and their section; the mark that ends a turn with calls is often another one.</summary>
    private static string EndOfCalls(TemplateProbe probe, ChatFormat format)
    {
        var call = (TemplateProbe.FirstId, TemplateProbe.FirstName, new JsonObject { [TemplateProbe.FirstKey] = TemplateProbe.FirstValue });
        if (ProbeTurns.Calls(probe, format.Capabilities, call) is not { } turn) return "";
        int at = turn.LastIndexOf(TemplateProbe.FirstValue, StringComparison.Ordinal);
        string end = format.ToolSyntax.SectionEnd.Trim();
        int section = at < 0 || end.Length == 0 ? -1 : turn.LastIndexOf(end, StringComparison.Ordinal);
        return section > at ? turn[(section + end.Length)..] : "";
    }

    /// <summary>Each text with and without the white space around it, the longest first.</summary>
    private static IEnumerable<string> Variants(IEnumerable<string> texts) =>
        texts.SelectMany(text => (string[])[text, text.Trim()])
            .Where(text => !string.IsNullOrWhiteSpace(text))
            .Distinct()
            .OrderByDescending(text => text.Length);
}
