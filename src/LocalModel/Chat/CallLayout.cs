namespace AgentKit.Models.Chat;

/// <summary>Splits the text around and between calls into section marks, call marks and separator.</summary>
internal static class CallLayout
{
    /// <summary>Stands for the number of a call while texts are compared; a private-use character no template writes.</summary>
    private const char Index = '\uE000';

    public static ToolSyntax Derive(ToolSyntax syntax, string single, CallShape shape, string? both)
    {
        var lead = single[..shape.Slots[0].Start];
        var trail = single[shape.Slots[^1].End..];
        var inner = InnerTexts(single, shape);
        var first = both is null ? null
            : CallShape.Find(both, 0, TemplateProbe.FirstName, TemplateProbe.FirstId, TemplateProbe.FirstKey, TemplateProbe.FirstValue);
        var second = first is null ? null : CallShape.Find(
            both!, first.Slots[^1].End, TemplateProbe.SecondName, TemplateProbe.SecondId, TemplateProbe.SecondKey,
                TemplateProbe.SecondValue);
        if (second is null)
            return syntax with { Call = Pieces(lead, shape, inner, trail) };

        var middle = both![first!.Slots[^1].End..second.Slots[0].Start];
        inner = [.. inner.Zip(InnerTexts(both, second), MarkIndex)];
        (lead, middle) = MarkIndexFromEnd(lead, middle);
        var start = MarkerText.CommonSuffix(lead, middle);
        var rest = middle[..^start];
        var end = MarkerText.CommonPrefix(trail, rest);
        return syntax with
        {
            ParallelCalls = true,
            SectionStart = lead[..^start],
            Call = Pieces(lead[^start..], shape, inner, trail[..end]),
            CallSeparator = rest[end..],
            SectionEnd = trail[end..],
        };
    }

    private static List<CallPiece> Pieces(string lead, CallShape shape, IReadOnlyList<string> inner, string trail)
    {
        var pieces = new List<CallPiece>();
        AddLiteral(pieces, lead);
        for (var i = 0; i < shape.Slots.Count; i++)
        {
            pieces.Add(new CallPiece(shape.Slots[i].Kind));
            AddLiteral(pieces, i < inner.Count ? inner[i] : trail);
        }
        return pieces;
    }

    private static void AddLiteral(List<CallPiece> pieces, string text)
    {
        var parts = text.Split(Index);
        for (var i = 0; i < parts.Length; i++)
        {
            if (i > 0)
                pieces.Add(new CallPiece(CallPieceKind.CallIndex));
            if (parts[i].Length > 0)
                pieces.Add(new CallPiece(CallPieceKind.Literal, parts[i]));
        }
    }

    private static List<string> InnerTexts(string text, CallShape shape)
    {
        var texts = new List<string>();
        for (var i = 0; i + 1 < shape.Slots.Count; i++)
            texts.Add(text[shape.Slots[i].End..shape.Slots[i + 1].Start]);
        return texts;
    }

    private static string MarkIndex(string first, string second)
    {
        if (first.Length != second.Length)
            return first;
        var characters = first.ToCharArray();
        for (var i = 0; i < first.Length; i++)
        {
            if (IsNext(first[i], second[i]))
                characters[i] = Index;
        }
        return new string(characters);
    }

    private static (string Lead, string Middle) MarkIndexFromEnd(string lead, string middle)
    {
        var (a, b) = (lead.ToCharArray(), middle.ToCharArray());
        for (var i = 1; i <= Math.Min(a.Length, b.Length) && (a[^i] == b[^i] || IsNext(a[^i], b[^i])); i++)
        {
            if (a[^i] != b[^i])
                a[^i] = b[^i] = Index;
        }
        return (new string(a), new string(b));
    }

    private static bool IsNext(char first, char second) => char.IsAsciiDigit(first) && second == first + 1;
}
