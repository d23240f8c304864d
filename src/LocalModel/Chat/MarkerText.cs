namespace AgentKit.Models.Chat;

/// <summary>Compares rendered texts without cutting through a marker such as <c>&lt;tool_call&gt;</c> or <c>[ARGS]</c>.</summary>
internal static class MarkerText
{
    /// <summary>Length of the common beginning, moved back to the beginning of a marker it would cut.</summary>
    public static int CommonPrefix(string a, string b)
    {
        var length = 0;
        while (length < a.Length && length < b.Length && a[length] == b[length])
            length++;
        return Math.Min(BeforeMarker(a, length), BeforeMarker(b, length));
    }

    /// <summary>Length of the common end, moved forward to the end of a marker it would cut.</summary>
    public static int CommonSuffix(string a, string b)
    {
        var length = 0;
        while (length < a.Length && length < b.Length && a[^(length + 1)] == b[^(length + 1)])
            length++;
        return Math.Min(a.Length - BehindMarker(a, a.Length - length), b.Length - BehindMarker(b, b.Length - length));
    }

    /// <summary>The last marker in a text and what follows it; the whole text when it has none.</summary>
    public static string FromLastMarker(string text)
    {
        var trimmed = text.TrimEnd();
        for (var i = trimmed.Length - 1; i >= 0; i--)
        {
            if (IsMarkerStart(text, i) && MarkerEnd(text, i) >= 0)
                return text[i..];
        }
        return text;
    }

    /// <summary>The first marker in a text, with the white space before it and behind it; empty when it does not begin with one.</summary>
    public static string LeadingMarker(string text)
    {
        var start = text.Length - text.TrimStart().Length;
        if (start >= text.Length || !IsMarkerStart(text, start))
            return "";
        var end = MarkerEnd(text, start);
        if (end < 0)
            return "";
        while (end < text.Length && char.IsWhiteSpace(text[end]))
            end++;
        return text[..end];
    }

    public static bool HasMarker(string text) => LeadingMarker(text).Length > 0 || FromLastMarker(text) != text;

    private static int BeforeMarker(string text, int position)
    {
        var open = OpenMarker(text, position);
        return open >= 0 ? open : position;
    }

    private static int BehindMarker(string text, int position)
    {
        var open = OpenMarker(text, position);
        if (open < 0)
            return position;
        var end = MarkerEnd(text, open);
        return end < 0 ? text.Length : end;
    }

    /// <summary>The beginning of the marker that <paramref name="position"/> lies inside of; −1 when it lies in none.</summary>
    private static int OpenMarker(string text, int position)
    {
        for (var i = position - 1; i >= 0; i--)
        {
            if (text[i] is '>' or ']' or '\n')
                return -1;
            if (IsMarkerStart(text, i))
                return i;
        }
        return -1;
    }

    private static bool IsMarkerStart(string text, int i) =>
        (text[i] == '<' && i + 1 < text.Length && !char.IsWhiteSpace(text[i + 1]))
        || (text[i] == '[' && IsUpper(text, i + 1))
        || (text[i] == '[' && i + 1 < text.Length && text[i + 1] == '/' && IsUpper(text, i + 2));

    private static bool IsUpper(string text, int i) => i < text.Length && char.IsAsciiLetterUpper(text[i]);

    private static int MarkerEnd(string text, int start)
    {
        var end = text.IndexOf(text[start] == '<' ? '>' : ']', start);
        return end < 0 ? -1 : end + 1;
    }
}
