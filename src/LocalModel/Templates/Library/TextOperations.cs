using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Library;

/// <summary>Python's string operations on text that remembers its origin; shared by filters and methods.</summary>
internal static class TextOperations
{
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    /// <summary>Strips characters from the ends; <paramref name="characters"/> null strips white space.</summary>
    public static TemplateText Strip(TemplateText text, string? characters, bool left = true, bool right = true)
    {
        var value = text.Value;
        var (start, end) = (0, value.Length);
        while (left && start < end && Strips(value[start], characters))
            start++;
        while (right && end > start && Strips(value[end - 1], characters))
            end--;
        return text.Slice(start, end - start);
    }

    public static TemplateText Replace(TemplateText text, TemplateText old, TemplateText replacement, long count)
    {
        var output = new TextBuilder();
        var value = text.Value;
        var position = 0;
        if (old.Value.Length == 0)
            return Interleave(text, replacement, count);
        while (count != 0)
        {
            var at = value.IndexOf(old.Value, position, StringComparison.Ordinal);
            if (at < 0)
                break;
            output.Append(text.Slice(position, at - position)).Append(replacement);
            position = at + old.Value.Length;
            count--;
        }
        return position == 0 ? text : output.Append(text.Slice(position, value.Length - position)).ToText();
    }

    /// <summary>Splits at every occurrence of a separator, at most <paramref name="limit"/> times (−1: no limit).</summary>
    public static TemplateList Split(TemplateText text, string separator, long limit)
    {
        if (separator.Length == 0)
            throw new TemplateException("split: empty separator");
        var parts = new List<object?>();
        var position = 0;
        while (limit != 0)
        {
            var at = text.Value.IndexOf(separator, position, StringComparison.Ordinal);
            if (at < 0)
                break;
            parts.Add(text.Slice(position, at - position));
            position = at + separator.Length;
            limit--;
        }
        parts.Add(text.Slice(position, text.Value.Length - position));
        return Charged(parts);
    }

    public static TemplateList SplitFromRight(TemplateText text, string separator, long limit)
    {
        if (separator.Length == 0)
            throw new TemplateException("rsplit: empty separator");
        var parts = new List<object?>();
        var end = text.Value.Length;
        while (limit != 0 && end > 0)
        {
            var at = text.Value.AsSpan(0, end).LastIndexOf(separator, StringComparison.Ordinal);
            if (at < 0)
                break;
            parts.Insert(0, text.Slice(at + separator.Length, end - at - separator.Length));
            end = at;
            limit--;
        }
        parts.Insert(0, text.Slice(0, end));
        return Charged(parts);
    }

    /// <summary>Splits at runs of white space, ignoring those at the ends.</summary>
    public static TemplateList SplitWords(TemplateText text, long limit)
    {
        var parts = new List<object?>();
        var value = text.Value;
        for (var i = 0; i < value.Length;)
        {
            if (IsSpace(value[i]))
            {
                i++;
                continue;
            }
            var start = i;
            if (limit-- == 0)
            {
                parts.Add(text.Slice(start, value.Length - start));
                break;
            }
            while (i < value.Length && !IsSpace(value[i]))
                i++;
            parts.Add(text.Slice(start, i - start));
        }
        return Charged(parts);
    }

    public static List<object?> SplitLines(TemplateText text, bool keepEnds = false)
    {
        const string Ends = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029";
        var parts = new List<object?>();
        var value = text.Value;
        for (var start = 0; start < value.Length;)
        {
            var end = value.AsSpan(start).IndexOfAny(Ends);
            end = end < 0 ? value.Length : start + end;
            var next = end == value.Length ? end : value.AsSpan(end).StartsWith("\r\n") ? end + 2 : end + 1;
            parts.Add(text.Slice(start, (keepEnds ? next : end) - start));
            start = next;
        }
        return parts;
    }

    public static TemplateText Join(TemplateText separator, IReadOnlyList<object?> items)
    {
        var output = new TextBuilder();
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                output.Append(separator);
            output.Append(PythonText.Str(items[i]));
        }
        return output.ToText();
    }

    public static TemplateText Repeat(TemplateText text, long count)
    {
        RenderBudget.CheckLength(checked(Math.Max(0, Math.Min(count, int.MaxValue)) * text.Value.Length));
        var output = new TextBuilder();
        for (long i = 0; i < count && text.Value.Length > 0; i++)
            output.Append(text);
        return output.ToText();
    }

    public static TemplateText Capitalize(TemplateText text) =>
        text.Value.Length == 0 ? text : text.Map(text.Value[..1].ToUpperInvariant() + text.Value[1..].ToLowerInvariant());

    /// <summary>
    /// Upper case for the first letter of every word. Words begin behind a non-letter, or, for the filter, behind space, −, ( { [ and
    /// &lt;.
    /// </summary>
    public static TemplateText Title(TemplateText text, Func<char, bool> separates)
    {
        var characters = text.Value.ToCharArray();
        for (var i = 0; i < characters.Length; i++)
        {
            var isFirst = i == 0 || separates(text.Value[i - 1]);
            characters[i] = isFirst ? char.ToUpperInvariant(characters[i]) : char.ToLowerInvariant(characters[i]);
        }
        return text.Map(new string(characters));
    }

    /// <summary>Pads to a width in code points; <paramref name="left"/> says how many of the missing characters go to the left.</summary>
    public static TemplateText Pad(TemplateText text, long width, TemplateText fill, Func<long, long> left)
    {
        var missing = width - text.Length;
        if (missing <= 0)
            return text;
        var before = left(missing);
        return Repeat(fill, before).Concat(text).Concat(Repeat(fill, missing - before));
    }

    private static bool Strips(char c, string? characters) => characters is null ? IsSpace(c) : characters.Contains(c);

    private static TemplateText Interleave(TemplateText text, TemplateText replacement, long count)
    {
        var output = new TextBuilder();
        foreach (var character in text.CodePoints())
        {
            if (count-- != 0)
                output.Append(replacement);
            else
                count = 0;
            output.Append(character);
        }
        return count != 0 ? output.Append(replacement).ToText() : output.ToText();
    }

    private static TemplateList Charged(List<object?> parts)
    {
        RenderBudget.ChargeSteps(parts.Count);
        return new TemplateList(parts);
    }
}
