using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Runs;

namespace AgentKit.Eval.Tasks.Functions;

/// <summary>
/// Reads calls that are written as Python, <c>[area(base=10, unit='cm'), …]</c>, or as JSON, <c>[{"name": …, "arguments": {…}}]</c>.
/// Nothing is run.
/// </summary>
internal sealed class PythonCalls
{
    private const int Deepest = 64;

    private readonly string _text;
    private int _at;
    private int _depth;

    private PythonCalls(string text) => _text = text;

    /// <summary>The calls; none when the text is something else.</summary>
    public static IReadOnlyList<ToolCall> Read(string text)
    {
        string body = text.Trim().Trim('`').Trim();
        foreach (string language in (ReadOnlySpan<string>)["python\n", "json\n", "tool_code\n"])
        {
            if (body.StartsWith(language, StringComparison.Ordinal)) body = body[language.Length..].Trim();
        }

        if (body.Length == 0) return [];
        try
        {
            return FromJson(body) ?? new PythonCalls(body.StartsWith('[') ? body : $"[{body}]").Calls();
        }
        catch (FormatException)
        {
            return [];
        }
    }

    private static List<ToolCall>? FromJson(string body)
    {
        try
        {
            JsonNode? root = JsonNode.Parse(body, documentOptions: new() { AllowDuplicateProperties = false });
            JsonNode?[] items = root is JsonArray array ? [.. array] : [root];
            if (!items.All(item => item is JsonObject call && call["name"] is JsonValue)) return null;
            return [.. items.Select((item, i) => Call(i, item!["name"]!.GetValue<string>(), item["arguments"] as JsonObject ?? []))];
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static ToolCall Call(int index, string name, JsonObject arguments) =>
        new(index.ToString(
            CultureInfo.InvariantCulture), name, System.Text.Json.JsonSerializer.SerializeToElement(arguments, EvalJson.Compact));

    private List<ToolCall> Calls()
    {
        List<ToolCall> calls = [];
        Expect('[');
        while (!Take(']'))
        {
            string name = Name();
            Expect('(');
            calls.Add(Call(calls.Count, name, Members(')', '=', Name)));
            if (!Take(',') && Peek() != ']') throw new FormatException("A comma or the end of the list is expected.");
        }

        Skip();
        return _at == _text.Length ? calls : throw new FormatException("Text follows the calls.");
    }

    private JsonObject Members(char end, char between, Func<string> key)
    {
        var members = new JsonObject();
        while (!Take(end))
        {
            string name = key();
            Expect(between);
            members[name] = Value();
            if (!Take(',') && Peek() != end) throw new FormatException($"A comma or '{end}' is expected.");
        }

        return members;
    }

    private JsonNode? Value()
    {
        if (++_depth > Deepest) throw new FormatException("The value is nested too deeply.");
        JsonNode? value = Peek() switch
        {
            '\'' or '"' => Text(),
            '[' => Items('[', ']'),
            '(' => Items('(', ')'),
            '{' => Take('{') ? Members('}', ':', Text) : null,
            '-' or '+' or '.' or (>= '0' and <= '9') => Number(),
            _ => Name() switch { "True" or "true" => true, "False" or "false" => false, "None" or "null" => null, var name => name },
        };
        _depth--;
        return value;
    }

    private JsonArray Items(char begin, char end)
    {
        var items = new JsonArray();
        Expect(begin);
        while (!Take(end))
        {
            items.Add(Value());
            if (!Take(',') && Peek() != end) throw new FormatException($"A comma or '{end}' is expected.");
        }

        return items;
    }

    private JsonNode Number()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '+' or '-' or '.' or '_')) _at++;
        string number = _text[start.._at].Replace("_", "", StringComparison.Ordinal).TrimStart('+');
        if (long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
            return JsonValue.Create(whole);
        return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            // 5.0 stays a fraction: it is not a whole number.
            ? JsonNode.Parse(
                value.ToString("R", CultureInfo.InvariantCulture) + (double.IsInteger(value) && Math.Abs(value) < 1e15 ? ".0" : ""))!
            : throw new FormatException($"'{number}' is no number.");
    }

    private string Text()
    {
        char quote = Peek();
        if (quote is not ('\'' or '"')) throw new FormatException("A text is expected.");
        _at++;
        var text = new StringBuilder();
        while (_at < _text.Length && _text[_at] != quote)
        {
            char c = _text[_at++];
            if (c != '\\' || _at == _text.Length)
            {
                text.Append(c);
                continue;
            }

            char escaped = _text[_at++];
            text.Append(
                escaped switch { 'n' => "\n", 't' => "\t", 'r' => "\r", '\\' or '\'' or '"' => escaped.ToString(), _ => "\\" + escaped });
        }

        if (_at++ >= _text.Length) throw new FormatException("A text does not end.");
        return text.ToString();
    }

    private string Name()
    {
        Skip();
        int start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '_' or '.')) _at++;
        return _at > start ? _text[start.._at] : throw new FormatException("A name is expected.");
    }

    private char Peek()
    {
        Skip();
        return _at < _text.Length ? _text[_at] : '\0';
    }

    private bool Take(char c)
    {
        if (Peek() != c) return false;
        _at++;
        return true;
    }

    private void Expect(char c)
    {
        if (!Take(c)) throw new FormatException($"'{c}' is expected.");
    }

    private void Skip()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
    }
}
