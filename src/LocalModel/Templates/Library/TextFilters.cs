using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Library;

/// <summary>Filters that make text from text.</summary>
internal static class TextFilters
{
    public static IReadOnlyDictionary<string, Func<object?, CallArguments, object?>> All { get; } =
        new Dictionary<string, Func<object?, CallArguments, object?>>(StringComparer.Ordinal)
        {
            ["string"] = (value, _) => PythonText.Str(value),
            ["safe"] = (value, _) => PythonText.Str(value),
            ["trim"] = (value, a) => TextOperations.Strip(PythonText.Str(value), a.TryGet(0, "chars", out var c)
                && c is not null ? a.GetText(0, "chars").Value : null),
            ["upper"] = (value, _) => PythonText.Str(value) is var text ? text.Map(text.Value.ToUpperInvariant()) : null,
            ["lower"] = (value, _) => PythonText.Str(value) is var text ? text.Map(text.Value.ToLowerInvariant()) : null,
            ["capitalize"] = (value, _) => TextOperations.Capitalize(PythonText.Str(value)),
            ["title"] = (value, _) =>
                TextOperations.Title(PythonText.Str(value), static c => TextOperations.IsSpace(c) || c is '-' or '(' or '{' or '[' or '<'),
            ["replace"] = Replace,
            ["indent"] = Indent,
            ["center"] = (value, a) => Center(PythonText.Str(value), a.GetInteger(0, "width", 80)),
            ["truncate"] = Truncate,
            ["wordcount"] = (value, _) => (long)TextOperations.SplitWords(PythonText.Str(value), -1).Items.Count,
            ["format"] = Format,
            ["escape"] = (value, _) => Escape(PythonText.Str(value)),
            ["e"] = (value, _) => Escape(PythonText.Str(value)),
        };

    private static TemplateText Replace(object? value, CallArguments arguments) =>
        TextOperations.Replace(
            PythonText.Str(value), PythonText.Str(arguments.Get(0, "old")), PythonText.Str(arguments.Get(1, "new")),
            arguments.TryGet(2, "count", out var count) && count is null ? -1 : arguments.GetInteger(2, "count", -1));

    private static TemplateText Indent(object? value, CallArguments arguments)
    {
        arguments.TryGet(0, "width", out var width);
        var indent = width as TemplateText
            ?? TextOperations.Repeat(TemplateText.Template(" "), arguments.GetInteger(0, "width", 4));
        var indentFirst = arguments.GetFlag(1, "first", false);
        var indentBlank = arguments.GetFlag(2, "blank", false);
        var lines = TextOperations.SplitLines(PythonText.Str(value).Concat(TemplateText.Template("\n")));
        var output = new TextBuilder();
        for (var i = 0; i < lines.Count; i++)
        {
            var line = (TemplateText)lines[i]!;
            if (i > 0)
                output.Append("\n");
            if (i == 0 ? indentFirst : indentBlank || line.Value.Length > 0)
                output.Append(indent);
            output.Append(line);
        }
        return output.ToText();
    }

    private static TemplateText Center(TemplateText text, long width) =>
        TextOperations.Pad(text, width, TemplateText.Template(" "), missing => (missing / 2) + (missing & width & 1));

    private static TemplateText Truncate(object? value, CallArguments arguments)
    {
        var text = PythonText.Str(value);
        var length = arguments.GetInteger(0, "length", 255);
        var killWords = arguments.GetFlag(1, "killwords", false);
        var end = arguments.TryGet(2, "end", out var ending) ? PythonText.Str(ending) : TemplateText.Template("...");
        var leeway = arguments.TryGet(3, "leeway", out var slack) && slack is not null ? arguments.GetInteger(3, "leeway", 5) : 5;
        if (length < end.Length || leeway < 0)
            throw new TemplateException($"truncate: length {length} is shorter than the ending, or the leeway {leeway} is negative");
        if (text.Length <= length + leeway)
            return text;
        var kept = text.Slice(0, text.OffsetOf((int)(length - end.Length)));
        var space = kept.Value.LastIndexOf(' ');
        if (!killWords && space >= 0)
            kept = kept.Slice(0, space);
        return kept.Concat(end);
    }

    private static TemplateText Format(object? value, CallArguments arguments)
    {
        if (arguments.Named.Count == 0)
            return StringFormat.Percent(PythonText.Str(value), new TemplateList([.. arguments.Positional], ListKind.Tuple));
        var named = new TemplateDict();
        foreach (var (key, item) in arguments.Named)
            named.Set(key, item);
        return StringFormat.Percent(PythonText.Str(value), named);
    }

    private static TemplateText Escape(TemplateText text)
    {
        foreach (var (character, entity) in new[] { ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&#39;"), ("\"", "&#34;") })
            text = TextOperations.Replace(text, TemplateText.Template(character), TemplateText.Template(entity), -1);
        return text;
    }
}
