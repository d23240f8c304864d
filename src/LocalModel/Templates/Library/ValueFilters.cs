using System.Globalization;
using System.Numerics;
using System.Text.Json;
using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Library;

/// <summary>Filters on numbers, JSON and single values.</summary>
internal static class ValueFilters
{
    public static IReadOnlyDictionary<string, Func<object?, CallArguments, object?>> All { get; } =
        new Dictionary<string, Func<object?, CallArguments, object?>>(StringComparer.Ordinal)
        {
            ["default"] = Default,
            ["d"] = Default,
            ["tojson"] = ToJson,
            ["from_json"] = FromJson,
            ["length"] = (value, _) => (long)PythonValue.Length(value),
            ["count"] = (value, _) => (long)PythonValue.Length(value),
            ["attr"] = (value, a) => Access.Attribute(value, a.GetText(0, "name").Value),
            ["abs"] = (value, _) => PythonValue.IsTrue(value)
                && PythonNumber.Compare(value, 0L) < 0 ? PythonNumber.Calculate("-", 0L, value) : value,
            ["int"] = ToInteger,
            ["float"] = ToFloat,
            ["round"] = Round,
        };

    private static object? Default(object? value, CallArguments arguments)
    {
        var useFallback = value is Undefined || (arguments.GetFlag(1, "boolean", false) && !PythonValue.IsTrue(value));
        return !useFallback ? value : arguments.TryGet(0, "default_value", out var fallback) ? fallback : TemplateText.Empty;
    }

    /// <summary>The parameters of transformers' filter, in its order: ensure_ascii, indent, separators, sort_keys.</summary>
    private static TemplateText ToJson(object? value, CallArguments arguments)
    {
        arguments.TryGet(1, "indent", out var indent);
        arguments.TryGet(2, "separators", out var separators);
        var pair = separators is null ? [] : PythonValue.Iterate(separators);
        if (separators is not null && pair is not [TemplateText, TemplateText])
            throw new TemplateException("tojson: separators must be two strings");
        return new JsonWriter
        {
            EnsureAscii = arguments.GetFlag(0, "ensure_ascii", false),
            Indent = indent switch
            {
                null => null,
                TemplateText text => text.Value,
                _ => new string(' ', (int)Math.Clamp(arguments.GetInteger(1, "indent", 0), 0, 100)),
            },
            ItemSeparator = pair.Count > 0 ? ((TemplateText)pair[0]!).Value : indent is null ? ", " : ",",
            KeySeparator = pair.Count > 0 ? ((TemplateText)pair[1]!).Value : ": ",
            SortKeys = arguments.GetFlag(3, "sort_keys", false),
        }.Write(value);
    }

    private static object? FromJson(object? value, CallArguments arguments)
    {
        try
        {
            using var document = JsonDocument.Parse(PythonText.Str(value).Value);
            return InputValue.From(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new TemplateException($"from_json: {e.Message}", 0, e);
        }
    }

    private static object? ToInteger(object? value, CallArguments arguments)
    {
        switch (value)
        {
            case long or BigInteger:
                return value;
            case bool flag:
                return flag ? 1L : 0L;
            case double number when double.IsFinite(number):
                return PythonNumber.Normalize(new BigInteger(number));
            case TemplateText text when BigInteger.TryParse(
                text.Value.Trim().Replace("_", ""), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed):
                return PythonNumber.Normalize(parsed);
            case TemplateText text when double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed)
                && double.IsFinite(parsed):
                return PythonNumber.Normalize(new BigInteger(parsed));
            default:
                return arguments.TryGet(0, "default", out var fallback) ? fallback : 0L;
        }
    }

    private static object? ToFloat(object? value, CallArguments arguments)
    {
        if (PythonNumber.IsNumber(value))
            return PythonNumber.ToDouble(value);
        if (value is TemplateText text
            && double.TryParse(text.Value.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed))
            return parsed;
        return arguments.TryGet(0, "default", out var fallback) ? fallback : 0.0;
    }

    private static object? Round(object? value, CallArguments arguments)
    {
        if (!PythonNumber.IsNumber(value))
            throw new TemplateException($"round: expected a number, found {PythonValue.TypeName(value)}");
        var precision = arguments.GetInteger(0, "precision", 0);
        var method = arguments.GetString(1, "method", "common");
        if (method == "common" && value is not double)
            return precision >= 0 ? value
                : PythonNumber.Calculate("-", value, PythonNumber.Calculate("%", value, (long)Math.Pow(10, Math.Min(-precision, 18))));
        var number = PythonNumber.ToDouble(value);
        var factor = Math.Pow(10, precision);
        return method switch
        {
            "common" => precision is >= 0 and <= 15 ? Math.Round(number, (int)precision, MidpointRounding.ToEven) : number,
            "ceil" => Math.Ceiling(number * factor) / factor,
            "floor" => Math.Floor(number * factor) / factor,
            _ => throw new TemplateException($"round: method must be common, ceil or floor, not '{method}'"),
        };
    }
}
