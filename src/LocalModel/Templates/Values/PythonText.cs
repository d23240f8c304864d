using System.Globalization;
using System.Text;

namespace AgentKit.Models.Templates.Values;

/// <summary>Prints values as Python's <c>str</c> and <c>repr</c> do.</summary>
internal static class PythonText
{
    private const int MaxDepth = 100;

    /// <summary>What <c>{{ value }}</c> prints.</summary>
    public static TemplateText Str(object? value)
    {
        if (value is TemplateText text)
            return text;
        if (value is Undefined)
            return TemplateText.Empty;
        return Repr(value);
    }

    /// <summary>What <c>repr(value)</c> gives: strings in quotes.</summary>
    public static TemplateText Repr(object? value)
    {
        var builder = new StringBuilder();
        var hasData = false;
        WriteRepr(value, builder, ref hasData, 0);
        return hasData ? TemplateText.FromData(builder.ToString()) : TemplateText.Template(builder.ToString());
    }

    private static void WriteRepr(object? value, StringBuilder output, ref bool hasData, int depth)
    {
        RenderBudget.CheckLength(output.Length);
        RenderBudget.ChargeSteps(1);
        if (depth > MaxDepth)
            throw new TemplateException($"value nested deeper than {MaxDepth} levels");
        switch (value)
        {
            case null:
                output.Append("None");
                break;
            case Undefined:
                output.Append("Undefined");
                break;
            case bool flag:
                output.Append(flag ? "True" : "False");
                break;
            case long or double or System.Numerics.BigInteger:
                output.Append(PythonNumber.Format(value));
                break;
            case TemplateText text:
                hasData |= text.HasData;
                WriteQuoted(text.Value, output);
                break;
            case TemplateList list:
                WriteList(list, output, ref hasData, depth);
                break;
            case TemplateDict dict:
                WriteDict(dict, output, ref hasData, depth);
                break;
            default:
                output.Append('<').Append(PythonValue.TypeName(value)).Append('>');
                break;
        }
    }

    private static void WriteList(TemplateList list, StringBuilder output, ref bool hasData, int depth)
    {
        output.Append(list.Kind == ListKind.Tuple ? '(' : '[');
        for (var i = 0; i < list.Items.Count; i++)
        {
            if (i > 0)
                output.Append(", ");
            WriteRepr(list.Items[i], output, ref hasData, depth + 1);
        }
        if (list.Kind == ListKind.Tuple && list.Items.Count == 1)
            output.Append(',');
        output.Append(list.Kind == ListKind.Tuple ? ')' : ']');
    }

    private static void WriteDict(TemplateDict dict, StringBuilder output, ref bool hasData, int depth)
    {
        output.Append('{');
        var first = true;
        foreach (var (key, item) in dict.Items)
        {
            if (!first)
                output.Append(", ");
            first = false;
            WriteRepr(key, output, ref hasData, depth + 1);
            output.Append(": ");
            WriteRepr(item, output, ref hasData, depth + 1);
        }
        output.Append('}');
    }

    private static void WriteQuoted(string text, StringBuilder output)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        output.Append(quote);
        foreach (var rune in text.EnumerateRunes())
            WriteRune(rune, quote, output);
        output.Append(quote);
    }

    private static void WriteRune(Rune rune, char quote, StringBuilder output)
    {
        switch (rune.Value)
        {
            case '\\':
                output.Append("\\\\");
                break;
            case '\n':
                output.Append("\\n");
                break;
            case '\r':
                output.Append("\\r");
                break;
            case '\t':
                output.Append("\\t");
                break;
            default:
                if (rune.Value == quote)
                    output.Append('\\').Append(quote);
                else if (rune.Value == ' ' || IsPrintable(rune))
                    output.Append(rune.ToString());
                else
                    output.Append(Escape(rune.Value));
                break;
        }
    }

    private static string Escape(int code) => code switch
    {
        < 0x100 => $"\\x{code:x2}",
        < 0x10000 => $"\\u{code:x4}",
        _ => $"\\U{code:x8}",
    };

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
