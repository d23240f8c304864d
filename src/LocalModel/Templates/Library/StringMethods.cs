using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Library;

/// <summary>The methods of strings.</summary>
internal static class StringMethods
{
    private static readonly Dictionary<string, Func<TemplateText, CallArguments, object?>> Methods = new(StringComparer.Ordinal)
    {
        ["split"] = (text, a) => Split(text, a, TextOperations.Split),
        ["rsplit"] = (text, a) => Split(text, a, TextOperations.SplitFromRight),
        ["splitlines"] = (text, a) => new TemplateList(TextOperations.SplitLines(text, a.GetFlag(0, "keepends", false))),
        ["strip"] = (text, a) => TextOperations.Strip(text, Characters(a)),
        ["lstrip"] = (text, a) => TextOperations.Strip(text, Characters(a), right: false),
        ["rstrip"] = (text, a) => TextOperations.Strip(text, Characters(a), left: false),
        ["startswith"] = (text, a) => AnyOf(a, prefix => text.Value.StartsWith(prefix, StringComparison.Ordinal)),
        ["endswith"] = (text, a) => AnyOf(a, suffix => text.Value.EndsWith(suffix, StringComparison.Ordinal)),
        ["replace"] = (text, a) => TextOperations.Replace(text, a.GetText(0, "old"), a.GetText(1, "new"), a.GetInteger(2, "count", -1)),
        ["format"] = StringFormat.Braces,
        ["join"] = (text, a) => Join(text, PythonValue.Iterate(a.Get(0, "iterable"))),
        ["upper"] = (text, _) => text.Map(text.Value.ToUpperInvariant()),
        ["lower"] = (text, _) => text.Map(text.Value.ToLowerInvariant()),
        ["casefold"] = (text, _) => text.Map(text.Value.ToLowerInvariant()),
        ["title"] = (text, _) => TextOperations.Title(text, static c => !char.IsLetter(c)),
        ["capitalize"] = (text, _) => TextOperations.Capitalize(text),
        ["swapcase"] = (text, _) => text.Map(string.Concat(text.Value.Select(static c =>
            char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)))),
        ["find"] = (text, a) => Find(text, a, fromRight: false),
        ["rfind"] = (text, a) => Find(text, a, fromRight: true),
        ["index"] = (text, a) =>
            Find(text, a, fromRight: false) is var at and >= 0 ? at : throw new TemplateException("substring not found"),
        ["count"] = (text, a) => Count(text, a.GetText(0, "sub").Value),
        ["removeprefix"] = (text, a) => RemovePrefix(text, a.GetText(0, "prefix").Value),
        ["removesuffix"] = (text, a) => RemoveSuffix(text, a.GetText(0, "suffix").Value),
        ["partition"] = (text, a) =>
            Partition(text, a.GetText(0, "sep"), text.Value.IndexOf(a.GetText(0, "sep").Value, StringComparison.Ordinal), false),
        ["rpartition"] = (text, a) =>
            Partition(text, a.GetText(0, "sep"), text.Value.LastIndexOf(a.GetText(0, "sep").Value, StringComparison.Ordinal), true),
        ["ljust"] = (text, a) => Pad(text, a, static _ => 0),
        ["rjust"] = (text, a) => Pad(text, a, static missing => missing),
        ["center"] = (text, a) => Pad(text, a, missing => (missing / 2) + (missing & a.GetInteger(0, "width", 0) & 1)),
        ["zfill"] = (text, a) => ZeroFill(text, a.GetInteger(0, "width", 0)),
        ["isdigit"] = (text, _) => All(text, char.IsDigit),
        ["isnumeric"] = (text, _) => All(text, char.IsNumber),
        ["isdecimal"] = (text, _) => All(text, char.IsDigit),
        ["isalpha"] = (text, _) => All(text, char.IsLetter),
        ["isalnum"] = (text, _) => All(text, char.IsLetterOrDigit),
        ["isspace"] = (text, _) => All(text, TextOperations.IsSpace),
        ["isupper"] = (text, _) => text.Value.Any(char.IsUpper) && !text.Value.Any(char.IsLower),
        ["islower"] = (text, _) => text.Value.Any(char.IsLower) && !text.Value.Any(char.IsUpper),
        ["isascii"] = (text, _) => text.Value.All(char.IsAscii),
    };

    /// <summary>The method with this name bound to a string, or null.</summary>
    public static TemplateCallable? Bind(TemplateText text, string name) =>
        Methods.TryGetValue(name, out var method) ? new TemplateCallable(name, arguments => method(text, arguments)) : null;

    private static string? Characters(CallArguments arguments) =>
        arguments.TryGet(0, "chars", out var value) && value is not null ? arguments.GetText(0, "chars").Value : null;

    private static TemplateList Split(TemplateText text, CallArguments arguments, Func<TemplateText, string, long, TemplateList> split)
    {
        var limit = arguments.GetInteger(1, "maxsplit", -1);
        return arguments.TryGet(0, "sep", out var separator) && separator is not null
            ? split(text, arguments.GetText(0, "sep").Value, limit)
            : TextOperations.SplitWords(text, limit);
    }

    private static bool AnyOf(CallArguments arguments, Func<string, bool> matches) =>
        arguments.Get(0, "prefix") is TemplateList { Kind: ListKind.Tuple } tuple
            ? tuple.Items.Any(item => item is TemplateText text && matches(text.Value))
            : matches(arguments.GetText(0, "prefix").Value);

    private static TemplateText Join(TemplateText separator, IReadOnlyList<object?> items)
    {
        foreach (var item in items)
        {
            if (item is not TemplateText)
                throw new TemplateException($"join: expected a str, found {PythonValue.TypeName(item)}");
        }
        return TextOperations.Join(separator, items);
    }

    private static long Find(TemplateText text, CallArguments arguments, bool fromRight)
    {
        var part = arguments.GetText(0, "sub").Value;
        var length = text.Length;
        var start = Clamp(arguments.GetInteger(1, "start", 0), length);
        var end = Clamp(arguments.GetInteger(2, "end", length), length);
        if (start > end)
            return -1;
        var offset = text.OffsetOf(start);
        var window = text.Value.AsSpan(offset, text.OffsetOf(end) - offset);
        var at = fromRight ? window.LastIndexOf(part, StringComparison.Ordinal) : window.IndexOf(part, StringComparison.Ordinal);
        return at < 0 ? -1 : start + text.Slice(offset, at).Length;
    }

    private static int Clamp(long index, int length) => (int)Math.Clamp(index < 0 ? index + length : index, 0, length);

    private static long Count(TemplateText text, string part) =>
        part.Length == 0 ? text.Length + 1 : TextOperations.Split(text, part, -1).Items.Count - 1;

    private static TemplateText RemovePrefix(TemplateText text, string prefix) => text.Value.StartsWith(prefix, StringComparison.Ordinal)
        ? text.Slice(prefix.Length, text.Value.Length - prefix.Length)
        : text;

    private static TemplateText RemoveSuffix(TemplateText text, string suffix) => text.Value.EndsWith(suffix, StringComparison.Ordinal)
        ? text.Slice(0, text.Value.Length - suffix.Length)
        : text;

    private static TemplateList Partition(TemplateText text, TemplateText separator, int at, bool fromRight)
    {
        if (at < 0)
            return Tuple(fromRight ? [TemplateText.Empty, TemplateText.Empty, text] : [text, TemplateText.Empty, TemplateText.Empty]);
        var end = at + separator.Value.Length;
        return Tuple([text.Slice(0, at), text.Slice(at, separator.Value.Length), text.Slice(end, text.Value.Length - end)]);
    }

    private static TemplateList Tuple(List<object?> items) => new(items, ListKind.Tuple);

    private static TemplateText Pad(TemplateText text, CallArguments arguments, Func<long, long> left) =>
        TextOperations.Pad(text, arguments.GetInteger(0, "width", 0), TemplateText.Template(arguments.GetString(1, "fillchar", " ")), left);

    private static TemplateText ZeroFill(TemplateText text, long width)
    {
        var signed = text.Value.Length > 0 && text.Value[0] is '-' or '+' ? 1 : 0;
        var digits = text.Slice(signed, text.Value.Length - signed);
        return text.Slice(0, signed).Concat(TextOperations.Pad(digits, width - signed, TemplateText.Template("0"),
            static missing => missing));
    }

    private static bool All(TemplateText text, Func<char, bool> test) => text.Value.Length > 0 && text.Value.All(test);
}
