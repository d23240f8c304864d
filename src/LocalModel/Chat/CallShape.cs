using System.Text.Json;

namespace AgentKit.Models.Chat;

/// <summary>Where name, id and arguments stand in one rendered call.</summary>
internal sealed record CallShape
{
    public ToolCallStyle Style { get; private init; }

    public ArgumentEncoding Encoding { get; private init; }

    /// <summary>Marks around a string in a <see cref="ArgumentEncoding.BareObject"/>.</summary>
    public string? StringQuote { get; private init; }

    /// <summary>Text before every tag in <see cref="ArgumentEncoding.NestedTags"/>.</summary>
    public string TagPrefix { get; private init; } = "";

    /// <summary>The JSON of a <see cref="ToolCallStyle.JsonNative"/> call; an array when the call is an element of one.</summary>
    public string? Json { get; private init; }

    /// <summary>The slots in order of position. A tagged call has one for its first key, which stands for all of its arguments.</summary>
    public required IReadOnlyList<(CallPieceKind Kind, int Start, int End)> Slots { get; init; }

    /// <summary>Finds the shape of the call to a function in a text; null when name or argument are not there.</summary>
    public static CallShape? Find(string text, int from, string name, string id, string key, string value)
    {
        var nameAt = text.IndexOf(name, from, StringComparison.Ordinal);
        var keyAt = nameAt < 0 ? -1 : text.IndexOf(key, nameAt, StringComparison.Ordinal);
        var valueAt = keyAt < 0 ? -1 : text.IndexOf(value, keyAt, StringComparison.Ordinal);
        if (valueAt < 0)
            return null;
        var json = FindJson(text, from, nameAt, valueAt);
        var (encoding, start, end) = FindArguments(text, nameAt + name.Length, keyAt, valueAt + value.Length, key);
        var closing = text.IndexOf($"</{key}>", valueAt, StringComparison.Ordinal);
        var prefix = encoding == ArgumentEncoding.NestedTags ? text[(valueAt + value.Length)..closing] : "";
        start -= prefix.Length > 0 && text.AsSpan(0, start).EndsWith(prefix) ? prefix.Length : 0;
        var slots = new List<(CallPieceKind, int, int)>
        {
            (CallPieceKind.FunctionName, nameAt, nameAt + name.Length),
            (start < keyAt ? CallPieceKind.Arguments : CallPieceKind.TaggedArguments, start, end),
        };
        var idAt = text.IndexOf(id, from, StringComparison.Ordinal);
        if (idAt >= 0)
            slots.Add((CallPieceKind.CallId, idAt, idAt + id.Length));
        return new CallShape
        {
            Style = json is not null ? ToolCallStyle.JsonNative
                : slots[1].Item1 == CallPieceKind.Arguments ? ToolCallStyle.TagWithJson
                : ToolCallStyle.TagWithTaggedArguments,
            Encoding = encoding,
            StringQuote = encoding == ArgumentEncoding.BareObject ? text[(keyAt + key.Length)..valueAt].TrimStart(':', ' ') : null,
            TagPrefix = prefix,
            Json = json,
            Slots = [.. slots.OrderBy(slot => slot.Item2)],
        };
    }

    /// <summary>The outermost JSON value that contains both positions.</summary>
    private static string? FindJson(string text, int from, int first, int second)
    {
        for (var i = from; i < first; i++)
        {
            if (text[i] is '{' or '[' && JsonEnd(text, i) is var end && end > second)
                return text[i..end];
        }
        return null;
    }

    private static (ArgumentEncoding Encoding, int Start, int End) FindArguments(string text, int from, int keyAt, int valueEnd, string key)
    {
        var brace = text.LastIndexOf('{', keyAt);
        if (brace >= from)
        {
            var end = JsonEnd(text, brace);
            if (end >= valueEnd)
                return (ArgumentEncoding.Json, brace, end);
            if (text.AsSpan(brace + 1, keyAt - brace - 1).IsWhiteSpace() && text.IndexOf('}', valueEnd) is var close and >= 0)
                return (ArgumentEncoding.BareObject, brace, close + 1);
        }
        var closing = text.IndexOf($"</{key}>", valueEnd, StringComparison.Ordinal);
        if (closing >= 0 && keyAt > 0 && text[keyAt - 1] == '<')
            return (ArgumentEncoding.NestedTags, keyAt - 1, closing + key.Length + 3);
        return (ArgumentEncoding.Json, keyAt, valueEnd);
    }

    /// <summary>The index behind the JSON value that begins at <paramref name="start"/>; −1 when none does.</summary>
    internal static int JsonEnd(string text, int start)
    {
        var scanner = new JsonScanner();
        for (var i = start; i < text.Length; i++)
        {
            if (!scanner.Push(text[i]))
                return -1;
            if (scanner.IsComplete)
                return IsJson(text[start..(i + 1)]) ? i + 1 : -1;
        }
        return -1;
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
