using System.Text;
using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Library;

/// <summary>
/// Writes values as Python's <c>json.dumps</c>; the options have its names and defaults, except that text is not escaped to ASCII.
/// </summary>
internal sealed class JsonWriter
{
    private const int MaxDepth = 100;

    private readonly StringBuilder _output = new();
    private bool _hasData;

    public bool EnsureAscii { get; init; }

    /// <summary>Text of one level of indentation; null writes everything on one line.</summary>
    public string? Indent { get; init; }

    public string ItemSeparator { get; init; } = ", ";

    public string KeySeparator { get; init; } = ": ";

    public bool SortKeys { get; init; }

    /// <summary>Writes a value; the text counts as data as soon as any string in it does.</summary>
    public TemplateText Write(object? value)
    {
        WriteValue(value, 0);
        return _hasData ? TemplateText.FromData(_output.ToString()) : TemplateText.Template(_output.ToString());
    }

    private void WriteValue(object? value, int depth)
    {
        RenderBudget.CheckLength(_output.Length);
        RenderBudget.ChargeSteps(1);
        if (depth > MaxDepth)
            throw new TemplateException($"tojson: value nested deeper than {MaxDepth} levels");
        switch (value)
        {
            case null or bool or long or double or System.Numerics.BigInteger:
                _output.Append(Scalar(value));
                break;
            case TemplateText text:
                _hasData |= text.HasData;
                WriteString(text.Value);
                break;
            case TemplateList list:
                WriteItems('[', ']', list.Read(), depth, WriteValue);
                break;
            case TemplateDict dict:
                // LINQ, unlike List.Sort, lets the exception of a comparison through as it is.
                var items = SortKeys ? dict.Items.OrderBy(item => item.Key, Comparer<object?>.Create(PythonValue.Compare)) : dict.Items;
                WriteItems('{', '}', items.ToList(), depth, WriteMember);
                break;
            default:
                throw new TemplateException($"tojson: a value of type {PythonValue.TypeName(value)} has no JSON form");
        }
    }

    private static string Scalar(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        double number when double.IsNaN(number) => "NaN",
        double number when double.IsInfinity(number) => number > 0 ? "Infinity" : "-Infinity",
        _ => PythonNumber.Format(value),
    };

    private void WriteItems<T>(char open, char close, IReadOnlyList<T> items, int depth, Action<T, int> write)
    {
        _output.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                _output.Append(ItemSeparator);
            NewLine(depth + 1);
            write(items[i], depth + 1);
        }
        if (items.Count > 0)
            NewLine(depth);
        _output.Append(close);
    }

    private void WriteMember(KeyValuePair<object?, object?> item, int depth)
    {
        switch (item.Key)
        {
            case TemplateText text:
                _hasData |= text.HasData;
                WriteString(text.Value);
                break;
            case null or bool or long or double or System.Numerics.BigInteger:
                WriteString(Scalar(item.Key));
                break;
            default:
                throw new TemplateException($"tojson: a {PythonValue.TypeName(item.Key)} cannot be a key");
        }
        _output.Append(KeySeparator);
        WriteValue(item.Value, depth);
    }

    private void NewLine(int depth)
    {
        if (Indent is null)
            return;
        _output.Append('\n');
        for (var i = 0; i < depth; i++)
            _output.Append(Indent);
    }

    private void WriteString(string text)
    {
        _output.Append('"');
        foreach (var c in text)
        {
            var escape = c switch { '"' =>
                "\\\"", '\\' => "\\\\", '\n' => "\\n", '\r' => "\\r", '\t' => "\\t", '\b' => "\\b", '\f' => "\\f", _ => null };
            if (escape is not null)
                _output.Append(escape);
            else if (c < ' ' || (EnsureAscii && c > '~'))
                _output.Append($"\\u{(int)c:x4}");
            else
                _output.Append(c);
        }
        _output.Append('"');
    }
}
