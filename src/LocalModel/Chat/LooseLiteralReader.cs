using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace AgentKit.Models.Chat;

/// <summary>
/// Reads values that are almost JSON: Python literals (<c>{'a': True, 'b': None}</c>), and objects with bare keys whose strings stand
/// between special
/// quotes (<c>{a:&lt;|"|&gt;x&lt;|"|&gt;}</c>). Returns null for what it cannot read.
/// </summary>
internal sealed class LooseLiteralReader
{
    private const int MaxDepth = 64;

    private readonly string _text;
    private readonly string[] _quotes;
    private int _at;

    private LooseLiteralReader(string text, string[] quotes)
    {
        _text = text;
        _quotes = quotes;
    }

    /// <summary>Reads a whole text as one value.</summary>
    /// <param name="text">The text.</param>
    /// <param name="value">The value; null stands for None.</param>
    /// <param name="quote">A mark around strings besides <c>'</c> and <c>"</c>.</param>
    public static bool TryRead(string text, out JsonNode? value, string? quote = null)
    {
        var reader = new LooseLiteralReader(text, quote is null or "\"" ? ["'", "\""] : [quote, "'", "\""]);
        if (!reader.TryValue(out value, 0))
            return false;
        reader.SkipSpace();
        return reader._at == text.Length;
    }

    /// <summary>Reads <c>name(key=value, …), name(…)</c>, with or without brackets around the whole.</summary>
    public static bool TryReadCalls(string text, out List<(string Name, JsonObject Arguments)> calls)
    {
        calls = [];
        var reader = new LooseLiteralReader(text, ["'", "\""]);
        var bracketed = reader.Skip("[");
        do
        {
            if (calls.Count > 0 && bracketed && reader.Peek(']'))
                break;
            if (!reader.TryName(out var name) || !reader.Skip("(") || !reader.TryKeywords(out var arguments))
                return false;
            calls.Add((name, arguments));
        }
        while (reader.Skip(","));
        if (bracketed && !reader.Skip("]"))
            return false;
        reader.SkipSpace();
        return reader._at == text.Length;
    }

    private bool TryKeywords(out JsonObject arguments)
    {
        arguments = [];
        while (!Skip(")"))
        {
            if (!TryName(out var key) || !Skip("=") || !TryValue(out var value, 0))
                return false;
            arguments[key] = value;
            if (!Skip(",") && !Peek(')'))
                return false;
        }
        return true;
    }

    private bool TryValue(out JsonNode? value, int depth)
    {
        value = null;
        SkipSpace();
        if (depth > MaxDepth || _at >= _text.Length)
            return false;
        if (Skip("{"))
            return TryObject(out value, depth);
        if (Skip("["))
            return TryList(']', out value, depth);
        if (Skip("("))
            return TryList(')', out value, depth);
        foreach (var quote in _quotes)
        {
            if (_text.AsSpan(_at).StartsWith(quote, StringComparison.Ordinal))
                return TryString(quote, out value);
        }
        return TryWord(out value);
    }

    private bool TryObject(out JsonNode? value, int depth)
    {
        var result = new JsonObject();
        value = result;
        while (!Skip("}"))
        {
            if (!TryKey(out var key) || !Skip(":") || !TryValue(out var item, depth + 1))
                return false;
            result[key] = item;
            if (!Skip(",") && !Peek('}'))
                return false;
        }
        return true;
    }

    private bool TryKey(out string key)
    {
        key = "";
        SkipSpace();
        foreach (var quote in _quotes)
        {
            if (!_text.AsSpan(_at).StartsWith(quote, StringComparison.Ordinal))
                continue;
            if (!TryString(quote, out var text))
                return false;
            key = text!.GetValue<string>();
            return true;
        }
        return TryName(out key);
    }

    private bool TryList(char close, out JsonNode? value, int depth)
    {
        var result = new JsonArray();
        value = result;
        while (!Skip(close.ToString()))
        {
            if (!TryValue(out var item, depth + 1))
                return false;
            result.Add(item);
            if (!Skip(",") && !Peek(close))
                return false;
        }
        return true;
    }

    private bool TryString(string quote, out JsonNode? value)
    {
        value = null;
        var text = new StringBuilder();
        for (_at += quote.Length; _at < _text.Length; _at++)
        {
            if (_text.AsSpan(_at).StartsWith(quote, StringComparison.Ordinal))
            {
                _at += quote.Length;
                value = text.ToString();
                return true;
            }
            // Special quotes need no escapes; plain ones have those of JSON and Python.
            if (quote.Length == 1 && _text[_at] == '\\' && _at + 1 < _text.Length)
                AppendEscape(text);
            else
                text.Append(_text[_at]);
        }
        return false;
    }

    private void AppendEscape(StringBuilder text)
    {
        var letter = _text[++_at];
        var digits = letter switch { 'u' => 4, 'x' => 2, _ => 0 };
        if (digits > 0 && _at + digits < _text.Length
            && int.TryParse(_text.AsSpan(_at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            text.Append((char)code);
            _at += digits;
            return;
        }
        text.Append(letter switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', _ => letter });
    }

    private bool TryWord(out JsonNode? value)
    {
        var start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '-' or '+' or '.' or '_'))
            _at++;
        var word = _text[start.._at];
        value = word switch
        {
            "true" or "True" => true,
            "false" or "False" => false,
            _ => null,
        };
        if (value is not null || word is "null" or "None")
            return true;
        try
        {
            value = word.Length > 0 ? JsonNode.Parse(word) : null;
            return value is not null;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }

    private bool TryName(out string name)
    {
        SkipSpace();
        var start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '_' or '-' or '.'))
            _at++;
        name = _text[start.._at];
        return name.Length > 0;
    }

    private bool Skip(string text)
    {
        SkipSpace();
        if (!_text.AsSpan(_at).StartsWith(text, StringComparison.Ordinal))
            return false;
        _at += text.Length;
        return true;
    }

    private bool Peek(char c)
    {
        SkipSpace();
        return _at < _text.Length && _text[_at] == c;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
    }
}
