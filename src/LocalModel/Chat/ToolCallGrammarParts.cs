namespace AgentKit.Models.Chat;

/// <summary>
/// What constrained decoding needs to know about calls, free of any grammar engine. The output is free text until a trigger appears; from
/// the first
/// character of the trigger on it is <see cref="SectionStart"/> call (<see cref="CallSeparator"/> call)* <see cref="SectionEnd"/>, where
/// a call is
/// <see cref="Call"/> in order.
/// </summary>
public sealed record ToolCallGrammarParts
{
    /// <summary>
    /// Texts that start calls when the model writes them; empty when calls have no mark, so that only required calls can be constrained.
    /// </summary>
    public required IReadOnlyList<string> Triggers { get; init; }

    /// <summary>Text before the first call, without white space at its beginning.</summary>
    public required string SectionStart { get; init; }

    /// <summary>Text behind the last call.</summary>
    public required string SectionEnd { get; init; }

    /// <summary>The pieces of one call; fillers, which a constrained model need not write, are left out.</summary>
    public required IReadOnlyList<CallPiece> Call { get; init; }

    /// <summary>Text between calls; null when a message holds one call only.</summary>
    public required string? CallSeparator { get; init; }

    /// <summary>How the piece with all arguments is written.</summary>
    public required ArgumentEncoding Encoding { get; init; }

    /// <summary>How one tagged argument is written; null when arguments are one piece.</summary>
    public required TaggedArgumentSyntax? TaggedArgument { get; init; }

    /// <summary>The parts of a syntax; null when it has no calls.</summary>
    public static ToolCallGrammarParts? From(ToolSyntax syntax)
    {
        ArgumentNullException.ThrowIfNull(syntax);
        if (syntax.Style == ToolCallStyle.None)
            return null;
        var markers = new ParserMarkers(syntax);
        var trigger = markers.Section.Length > 0 ? markers.Section : markers.Call;
        IReadOnlyList<CallPiece> call = [.. syntax.Call.Where(piece => piece.Kind != CallPieceKind.Filler)];
        var section = syntax.SectionStart.TrimStart();
        if (section.Length == 0 && call.Count > 0 && call[0].Kind == CallPieceKind.Literal)
            call = [.. call.Skip(1).Prepend(call[0] with { Text = call[0].Text.TrimStart() })];
        return new ToolCallGrammarParts
        {
            Triggers = trigger.Length > 0 ? [trigger] : [],
            SectionStart = section,
            SectionEnd = syntax.SectionEnd.TrimEnd(),
            Call = call,
            CallSeparator = syntax.ParallelCalls ? Separator(syntax) : null,
            Encoding = syntax.Encoding,
            TaggedArgument = syntax.TaggedArgument,
        };
    }

    /// <summary>White space that stands before every call belongs to the separator when the first call is trimmed.</summary>
    private static string Separator(ToolSyntax syntax)
    {
        if (syntax.SectionStart.TrimStart().Length > 0 || syntax.Call[0].Kind != CallPieceKind.Literal)
            return syntax.CallSeparator;
        var lead = syntax.Call[0].Text;
        return syntax.CallSeparator + lead[..(lead.Length - lead.TrimStart().Length)];
    }
}
