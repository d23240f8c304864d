using System.Text.Json.Nodes;

namespace AgentKit.Models.Chat;

/// <summary>Finds how one argument is written, from calls with two arguments and with values of every type.</summary>
internal static class TaggedArgumentAnalyzer
{
    private const int Number = 700007;

    public static ToolSyntax Derive(TemplateProbe probe, TemplateCapabilities capabilities, Turn turn, ToolSyntax syntax)
    {
        string? Body(JsonObject arguments) =>
            ProbeTurns.Calls(probe, capabilities, (TemplateProbe.FirstId, TemplateProbe.FirstName, arguments)) is { } rendered
                ? turn.Body(rendered) : null;
        var two = Body(new JsonObject { [TemplateProbe.FirstKey] = TemplateProbe.FirstValue,
            [TemplateProbe.SecondKey] = TemplateProbe.SecondValue });
        var needles = new[] { TemplateProbe.FirstName, TemplateProbe.FirstKey, TemplateProbe.FirstValue, TemplateProbe.SecondKey,
            TemplateProbe.SecondValue };
        if (two is null || !AreInOrder(two, needles))
            return syntax with { Style = ToolCallStyle.None, Call = [] };
        // name · toKey · key · keyEnd · value · between · key · keyEnd · value · behind
        var rest = two[(two.IndexOf(TemplateProbe.FirstName, StringComparison.Ordinal) + TemplateProbe.FirstName.Length)..];
        var toKey = Until(ref rest, TemplateProbe.FirstKey);
        var keyEnd = Until(ref rest, TemplateProbe.FirstValue);
        var between = Until(ref rest, TemplateProbe.SecondKey);
        Until(ref rest, TemplateProbe.SecondValue);
        var start = MarkerText.CommonSuffix(toKey, between);
        var gap = between[..^start];
        var end = gap[..MarkerText.CommonPrefix(gap, rest)];
        var argument = new TaggedArgumentSyntax
        {
            Start = toKey[^start..],
            KeyEnd = keyEnd,
            End = end,
            Separator = gap[end.Length..],
            TypedKeyEnds = TypedKeyEnds(Body, keyEnd, end),
        };
        return syntax with { TaggedArgument = argument, Call = Pieces(syntax.Call, toKey[..^start], end) };
    }

    /// <summary>Moves the marks of an argument, which the layout took for part of the call, into the argument.</summary>
    private static List<CallPiece> Pieces(IReadOnlyList<CallPiece> call, string nameEnd, string argumentEnd)
    {
        var pieces = new List<CallPiece>();
        var slot = -1;
        foreach (var piece in call)
        {
            if (piece.Kind == CallPieceKind.TaggedArguments)
            {
                // The literal in front belongs to the argument, except for what ends the name.
                if (pieces.Count > 0 && pieces[^1].Kind == CallPieceKind.Literal)
                    pieces.RemoveAt(pieces.Count - 1);
                if (nameEnd.Length > 0)
                    pieces.Add(new CallPiece(CallPieceKind.Literal, nameEnd));
                slot = pieces.Count;
            }
            pieces.Add(piece);
        }
        if (slot >= 0 && slot + 1 < pieces.Count && pieces[slot + 1].Text.StartsWith(argumentEnd, StringComparison.Ordinal))
        {
            var text = pieces[slot + 1].Text[argumentEnd.Length..];
            pieces.RemoveAt(slot + 1);
            if (text.Length > 0)
                pieces.Insert(slot + 1, new CallPiece(CallPieceKind.Literal, text));
        }
        return pieces;
    }

    private static Dictionary<string, string> TypedKeyEnds(Func<JsonObject, string?> body, string keyEnd, string end)
    {
        var ends = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (type, value, opening) in new (string, JsonNode, string)[]
        {
            ("number", Number, $"{Number}"),
            ("boolean", true, "rue"),
            ("array", new JsonArray(Number), "["),
            ("object", new JsonObject { ["k"] = Number }, "{"),
        })
        {
            var rendered = body(new JsonObject { [TemplateProbe.FirstKey] = value });
            var at = rendered?.IndexOf(TemplateProbe.FirstKey, StringComparison.Ordinal) ?? -1;
            if (at < 0)
                continue;
            var rest = rendered![(at + TemplateProbe.FirstKey.Length)..];
            var region = rest[..Math.Max(0, rest.IndexOf(end.Length > 0 ? end : "\n", StringComparison.Ordinal))];
            var valueAt = region.LastIndexOf(opening, StringComparison.Ordinal);
            if (valueAt > 0)
                ends[type] = region[..(type == "boolean" ? valueAt - 1 : valueAt)];
        }
        return ends.Values.Any(other => other != keyEnd) ? ends : [];
    }

    private static bool AreInOrder(string text, string[] needles)
    {
        var at = 0;
        foreach (var needle in needles)
        {
            at = text.IndexOf(needle, at, StringComparison.Ordinal);
            if (at < 0)
                return false;
            at += needle.Length;
        }
        return true;
    }

    private static string Until(ref string text, string needle)
    {
        var at = text.IndexOf(needle, StringComparison.Ordinal);
        var before = text[..at];
        text = text[(at + needle.Length)..];
        return before;
    }
}
