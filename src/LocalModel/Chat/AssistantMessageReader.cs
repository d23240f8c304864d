using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace AgentKit.Models.Chat;

/// <summary>
/// Reads whole assistant messages: what a model wrote behind the generation prompt, or the message as the template writes it into the
/// history, with or without the header before it and the mark that ends the turn.
/// </summary>
public sealed partial class AssistantMessageReader
{
    private readonly ChatFormat _format;
    private readonly TurnFrame _frame;

    /// <summary>Prepares the reader of one format.</summary>
    /// <param name="format">The model's format.</param>
    public AssistantMessageReader(ChatFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        _format = format;
        _frame = TurnFrame.Of(format);
    }

    /// <summary>Reads a message.</summary>
    /// <param name="text">The message.</param>
    /// <param name="prompt">
    /// The prompt in front of it, which may have opened reasoning. Without it, reasoning counts as open at the start when the text closes
    /// reasoning it did not open; text that never closes it is the answer.
    /// </param>
    /// <param name="tools">The tools the model may call; their schemas tell strings from numbers where the syntax does not.</param>
    public AssistantMessage Read(string text, string? prompt = null, IReadOnlyList<AITool>? tools = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        string body = _frame.Strip(text, out bool hasHeader, out bool isWhole);
        if (prompt is null && !hasHeader) body = WithWholeMark(body);
        if (prompt is null && isWhole) body = WithoutUnclosedReasoning(body);
        ChatOutputParser parser = _format.CreateParser(prompt ?? Opening(body, hasHeader), tools ?? MentionedTools(body));
        IReadOnlyList<AIContent> contents = [.. parser.Push(body), .. parser.Finish()];
        FunctionCallContent[] calls = [.. contents.OfType<FunctionCallContent>()];
        string content = string.Concat(contents.OfType<TextContent>().Select(part => part.Text));
        return new(
            calls.Length > 0 ? _frame.Joined(content) : content,
            string.Concat(contents.OfType<TextReasoningContent>().Select(part => part.Text)),
            calls,
            parser.Diagnostics);
    }

    /// <summary>What the prompt had written of the message already.</summary>
    private string Opening(string body, bool hasHeader)
    {
        ToolSyntax syntax = _format.ToolSyntax;
        if (ClosesWhatItDidNotOpen(body)) return syntax.ReasoningStart;
        string opening = _frame.Opening.Trim();
        bool isReasoning = Holds(opening, syntax.ReasoningStart) || Holds(opening, syntax.ReasoningEnd);
        return hasHeader || isReasoning || body.TrimStart().StartsWith(opening, StringComparison.Ordinal) ? "" : _frame.Opening;
    }

    private bool ClosesWhatItDidNotOpen(string body)
    {
        ToolSyntax syntax = _format.ToolSyntax;
        string end = syntax.ReasoningEnd.Trim();
        int closed = end.Length == 0 || syntax.ReasoningStart.Trim().Length == 0 ? -1 : body.IndexOf(end, StringComparison.Ordinal);
        if (closed < 0) return false;
        string before = body[..closed];
        // Some families end calls with the same mark.
        var marks = new ParserMarkers(syntax);
        return !Holds(before, syntax.ReasoningStart) && !Holds(before, marks.Section) && !Holds(before, marks.Call);
    }

    /// <summary>
    /// Who cuts a history where it parts from the prompt may cut a mark in two: <c>&lt;t</c> is common to the reasoning that the prompt opens and to
    /// the call that the history has in its place.
    /// </summary>
    private string WithWholeMark(string body)
    {
        var marks = new ParserMarkers(_format.ToolSyntax);
        string opening = _frame.Opening.TrimStart();
        foreach (string mark in (ReadOnlySpan<string>)[marks.Section, marks.Call, _format.ToolSyntax.ContentStart.Trim()])
        {
            int common = MarkerText.CommonPrefix(mark, opening);
            if (common > 0 && common < mark.Length && body.StartsWith(mark[common..], StringComparison.Ordinal)) return mark[..common] + body;
        }

        return body;
    }

    private static bool Holds(string text, string mark) => mark.Trim().Length > 0 && text.Contains(mark.Trim(), StringComparison.Ordinal);

    /// <summary>A turn that has ended without closing the reasoning it began with is an answer behind an empty mark.</summary>
    private string WithoutUnclosedReasoning(string body)
    {
        ToolSyntax syntax = _format.ToolSyntax;
        (string start, string end) = (syntax.ReasoningStart.Trim(), syntax.ReasoningEnd.Trim());
        string trimmed = body.TrimStart();
        return start.Length > 0 && trimmed.StartsWith(start, StringComparison.Ordinal) && !body.Contains(end, StringComparison.Ordinal)
            ? trimmed[start.Length..].TrimStart()
            : body;
    }

    /// <summary>Calls without any mark count only if they name a tool; without a list of tools, the text's own names must do.</summary>
    private AITool[]? MentionedTools(string body)
    {
        ToolSyntax syntax = _format.ToolSyntax;
        return new ParserMarkers(syntax).IsBare && body.Contains($"\"{syntax.ArgumentsField}\"", StringComparison.Ordinal)
            ? [.. NameMember().Matches(body).Select(match => match.Groups[1].Value).Distinct().Select(name => AnyArguments(name))]
            : null;
    }

    private static AIFunctionDeclaration AnyArguments(string name) => AIFunctionFactory.CreateDeclaration(name, "", default);

    [GeneratedRegex("""
        "name"\s*:\s*"([^"\\]+)"
        """)]
    private static partial Regex NameMember();
}
