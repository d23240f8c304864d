using System.Globalization;
using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Library;

/// <summary>Python's two ways to format: <c>'{} {name}'.format(…)</c> and <c>'%s %(name)d' % …</c>.</summary>
internal static class StringFormat
{
    private const int MaxWidth = 10_000;

    /// <summary><c>format.format(arguments)</c>: fields by position or name, with the common format specifications.</summary>
    public static TemplateText Braces(TemplateText format, CallArguments arguments)
    {
        var output = new TextBuilder();
        var text = format.Value;
        var automatic = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '{' or '}' && i + 1 < text.Length && text[i + 1] == text[i])
            {
                output.Append(format.Slice(i++, 1));
            }
            else if (text[i] == '{')
            {
                var close = text.IndexOf('}', i);
                if (close < 0)
                    throw new TemplateException("format: '{' is not closed");
                output.Append(Field(text[(i + 1)..close], arguments, ref automatic));
                i = close;
            }
            else if (text[i] == '}')
            {
                throw new TemplateException("format: single '}'");
            }
            else
            {
                output.Append(format.Slice(i, 1));
            }
        }
        return output.ToText();
    }

    /// <summary><c>format % values</c>; <paramref name="values"/> is a tuple, a mapping for named fields, or the only value.</summary>
    public static TemplateText Percent(TemplateText format, object? values)
    {
        var output = new TextBuilder();
        var text = format.Value;
        var next = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                output.Append(format.Slice(i, 1));
                continue;
            }
            var start = ++i;
            string? name = null;
            if (i < text.Length && text[i] == '(')
            {
                var close = text.IndexOf(')', i);
                name = close < 0 ? throw new TemplateException("format: '%(' is not closed") : text[(i + 1)..close];
                start = i = close + 1;
            }
            while (i < text.Length && !char.IsLetter(text[i]) && text[i] != '%')
                i++;
            if (i == text.Length)
                throw new TemplateException("format: incomplete format");
            if (text[i] == '%')
                output.Append("%");
            else
                output.Append(PercentField(text[start..i], text[i], PercentValue(values, name, ref next)));
        }
        return output.ToText();
    }

    private static object? PercentValue(object? values, string? name, ref int next)
    {
        if (name is not null)
            return values is TemplateDict dict
                && dict.TryGet(name, out var item) ? item : throw new TemplateException($"format: no value '{name}'");
        if (values is not TemplateList { Kind: ListKind.Tuple } tuple)
            return next++ == 0 ? values : throw new TemplateException("format: not enough arguments");
        return next < tuple.Items.Count ? tuple.Items[next++] : throw new TemplateException("format: not enough arguments");
    }

    private static TemplateText PercentField(string flags, char type, object? value)
    {
        if (type == 'r')
            value = PythonText.Repr(value);
        if (type is 'd' or 'i' && value is double number)
            value = PythonNumber.Normalize(new System.Numerics.BigInteger(number));
        var spec = flags.StartsWith('-') ? "<" + flags[1..] : flags.StartsWith('0') || flags.Length == 0 ? flags : ">" + flags;
        return Apply(value, spec + (type is 's' or 'r' ? "" : type is 'i' ? "d" : type.ToString()), asText: type is 's' or 'r');
    }

    private static TemplateText Field(string field, CallArguments arguments, ref int automatic)
    {
        var colon = field.IndexOf(':');
        var spec = colon < 0 ? "" : field[(colon + 1)..];
        var name = colon < 0 ? field : field[..colon];
        var conversion = name.IndexOf('!');
        var asRepr = conversion >= 0 && name[(conversion + 1)..] == "r";
        name = conversion < 0 ? name : name[..conversion];
        var index = name.Length == 0
            ? automatic++ : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        object? value;
        if (index >= 0)
            value = index < arguments.Positional.Count
                ? arguments.Positional[index] : throw new TemplateException($"format: no argument {index}");
        else if (!arguments.TryGet(int.MaxValue, name, out value))
            throw new TemplateException($"format: no argument '{name}'");
        return Apply(asRepr ? PythonText.Repr(value) : value, spec, asText: asRepr);
    }

    /// <summary>Formats by <c>[[fill]align][+][0][width][,][.precision][type]</c>.</summary>
    private static TemplateText Apply(object? value, string spec, bool asText)
    {
        if (spec.Length == 0)
            return PythonText.Str(value);
        var at = 0;
        var fill = ' ';
        var align = '\0';
        if (spec.Length > 1 && spec[1] is '<' or '>' or '^')
            (fill, align, at) = (spec[0], spec[1], 2);
        else if (spec[0] is '<' or '>' or '^')
            (align, at) = (spec[0], 1);
        var plus = at < spec.Length && spec[at] == '+';
        at += plus ? 1 : 0;
        if (at < spec.Length && spec[at] == '0')
            (fill, align) = ('0', align == '\0' ? '=' : align);
        var width = ReadNumber(spec, ref at);
        var grouped = at < spec.Length && spec[at] == ',';
        at += grouped ? 1 : 0;
        var precision = -1;
        if (at < spec.Length && spec[at] == '.')
        {
            at++;
            precision = ReadNumber(spec, ref at);
        }
        var type = at < spec.Length ? spec[at] : '\0';
        var isNumber = PythonNumber.IsNumber(value) && !asText;
        var text = isNumber ? TemplateText.Template(FormatNumber(value, type, precision, grouped, plus)) : PythonText.Str(value);
        if (!isNumber && precision >= 0 && precision < text.Length)
            text = text.Slice(0, text.OffsetOf(precision));
        return Pad(text, width, fill, align == '\0' ? (isNumber ? '>' : '<') : align);
    }

    private static int ReadNumber(string spec, ref int at)
    {
        var value = 0;
        for (; at < spec.Length && char.IsAsciiDigit(spec[at]); at++)
            value = Math.Min((value * 10) + (spec[at] - '0'), MaxWidth);
        return value;
    }

    private static string FormatNumber(object? value, char type, int precision, bool grouped, bool plus)
    {
        var text = type switch
        {
            'f' or 'F' => PythonNumber.ToDouble(value).ToString((grouped ? "N" : "F") + (precision < 0
                ? 6 : precision), CultureInfo.InvariantCulture),
            'e' or 'E' => PythonNumber.ToDouble(value).ToString($"0.{new string('0', precision < 0 ? 6 : precision)}{type}+00",
                CultureInfo.InvariantCulture),
            '%' => (PythonNumber.ToDouble(value) * 100).ToString("F" + (precision < 0 ? 6 : precision), CultureInfo.InvariantCulture) + "%",
            'x' or 'X' => PythonNumber.ToInteger(value).ToString(type.ToString(),
                CultureInfo.InvariantCulture).TrimStart('0') is { Length: > 0 } hex ? hex : "0",
            _ when value is double => PythonNumber.Format(value),
            _ => PythonNumber.ToInteger(value).ToString(grouped ? "N0" : "D", CultureInfo.InvariantCulture),
        };
        return plus && text[0] != '-' ? "+" + text : text;
    }

    private static TemplateText Pad(TemplateText text, int width, char fill, char align)
    {
        var missing = width - text.Length;
        if (missing <= 0)
            return text;
        if (align == '=' && text.Value.Length > 0 && text.Value[0] is '-' or '+')
            return text.Slice(0, 1).Concat(Fill(fill, missing)).Concat(text.Slice(1, text.Value.Length - 1));
        var left = align switch { '<' => 0, '^' => missing / 2, _ => missing };
        return Fill(fill, left).Concat(text).Concat(Fill(fill, missing - left));
    }

    private static TemplateText Fill(char c, int count) => TemplateText.Template(new string(c, count));
}
