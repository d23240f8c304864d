using System.Text;

namespace AgentKit.Models.Templates.Syntax;

/// <summary>
/// Cuts a template into tokens. Whitespace follows Jinja with <c>trim_blocks</c> and <c>lstrip_blocks</c>: a block or comment alone on
/// its line leaves no
/// trace; <c>-</c> beside a delimiter strips all whitespace on that side, <c>+</c> keeps it; one newline at the very end is dropped.
/// </summary>
internal sealed class TemplateLexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;
    private bool _lineStarting = true;

    private TemplateLexer(string source) => _source = source;

    public static IReadOnlyList<Token> Tokenize(string source)
    {
        var text = source.Replace("\r\n", "\n").Replace('\r', '\n');
        var lexer = new TemplateLexer(text.EndsWith('\n') ? text[..^1] : text);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (_position < _source.Length)
        {
            var open = FindOpening(_position);
            if (open < 0)
            {
                Emit(TokenKind.Data, _source[_position..]);
                Advance(_source.Length);
                break;
            }
            LexTag(open);
        }
        Emit(TokenKind.End, "");
    }

    private void LexTag(int open)
    {
        var kind = _source[open + 1];
        var sign = open + 2 < _source.Length ? _source[open + 2] : '\0';
        if (sign is not ('-' or '+'))
            sign = '\0';
        EmitData(open, sign, isVariable: kind == '{');
        Advance(open + (sign == '\0' ? 2 : 3));
        switch (kind)
        {
            case '#':
                SkipComment();
                break;
            case '%' when TryReadRaw():
                break;
            case '%':
                Emit(TokenKind.BlockBegin, "{%");
                new ExpressionLexer(this, '%').Run();
                break;
            default:
                Emit(TokenKind.VariableBegin, "{{");
                new ExpressionLexer(this, '}').Run();
                break;
        }
        _lineStarting = _position > 0 && _source[_position - 1] == '\n';
    }

    private int FindOpening(int start)
    {
        for (var at = _source.IndexOf('{', start); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
        {
            if (_source[at + 1] is '{' or '%' or '#')
                return at;
        }
        return -1;
    }

    private void EmitData(int end, char sign, bool isVariable)
    {
        var data = _source[_position..end];
        var kept = sign switch
        {
            '-' => PythonTrimEnd(data),
            '+' => data,
            _ => isVariable ? data : StripLineStart(data),
        };
        if (kept.Length > 0)
            Emit(TokenKind.Data, kept);
        Advance(end);
    }

    private string StripLineStart(string data)
    {
        var lineStart = data.LastIndexOf('\n') + 1;
        if (lineStart == 0 && !_lineStarting)
            return data;
        return data.AsSpan(lineStart).IsWhiteSpace() ? data[..lineStart] : data;
    }

    private static string PythonTrimEnd(string data)
    {
        var end = data.Length;
        while (end > 0 && IsSpace(data[end - 1]))
            end--;
        return data[..end];
    }

    private void SkipComment()
    {
        var close = _source.IndexOf("#}", _position, StringComparison.Ordinal);
        if (close < 0)
            throw new TemplateException("comment is not closed with '#}'", _line);
        var sign = close > _position ? _source[close - 1] : '\0';
        Advance(close + 2);
        AfterBlock(sign);
    }

    /// <summary>
    /// Applies the whitespace rule behind a block or comment whose closing delimiter had <paramref name="sign"/> before it.
    /// </summary>
    internal void AfterBlock(char sign)
    {
        if (sign == '-')
            SkipSpace();
        else if (sign != '+' && _position < _source.Length && _source[_position] == '\n')
            Advance(_position + 1);
    }

    /// <summary>Reads <c>{% raw %} … {% endraw %}</c> as data; the position is just behind the opening <c>{%</c>.</summary>
    private bool TryReadRaw()
    {
        if (!TryReadRawDelimiter(_position, "raw", out var bodyStart, out var openSign))
            return false;
        if (openSign == '+')
            return false;
        Advance(bodyStart);
        if (openSign == '-')
            SkipSpace();
        for (var at = _source.IndexOf("{%", _position, StringComparison.Ordinal); at >= 0; at = _source.IndexOf("{%", at
            + 2, StringComparison.Ordinal))
        {
            var sign = at + 2 < _source.Length && _source[at + 2] is '-' or '+' ? _source[at + 2] : '\0';
            if (!TryReadRawDelimiter(at + (sign == '\0' ? 2 : 3), "endraw", out var end, out var closeSign))
                continue;
            _lineStarting = _position > 0 && _source[_position - 1] == '\n';
            EmitData(at, sign, isVariable: false);
            Advance(end);
            AfterBlock(closeSign);
            return true;
        }
        throw new TemplateException("'{% raw %}' is not closed with '{% endraw %}'", _line);
    }

    private bool TryReadRawDelimiter(int at, string name, out int end, out char sign)
    {
        (end, sign) = (at, '\0');
        while (at < _source.Length && IsSpace(_source[at]))
            at++;
        if (string.CompareOrdinal(_source, at, name, 0, name.Length) != 0)
            return false;
        at += name.Length;
        while (at < _source.Length && IsSpace(_source[at]))
            at++;
        if (at < _source.Length && _source[at] is '-' or '+')
            sign = _source[at++];
        if (string.CompareOrdinal(_source, at, "%}", 0, 2) != 0)
            return false;
        end = at + 2;
        return true;
    }

    internal string Source => _source;

    internal int Position => _position;

    internal int Line => _line;

    internal void Emit(TokenKind kind, string text) => _tokens.Add(new Token(kind, text, _line));

    internal void SkipSpace()
    {
        var at = _position;
        while (at < _source.Length && IsSpace(_source[at]))
            at++;
        Advance(at);
    }

    internal void Advance(int position)
    {
        _line += _source.AsSpan(_position, position - _position).Count('\n');
        _position = position;
    }

    internal static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    /// <summary>Decodes the escapes of a Python string literal.</summary>
    internal static string Unescape(ReadOnlySpan<char> literal, int line)
    {
        if (!literal.Contains('\\'))
            return literal.ToString();
        var text = new StringBuilder(literal.Length);
        for (var i = 0; i < literal.Length; i++)
        {
            if (literal[i] != '\\' || i + 1 == literal.Length)
                text.Append(literal[i]);
            else
                i = UnescapeOne(literal, i + 1, text, line);
        }
        return text.ToString();
    }

    /// <summary>Decodes the escape whose letter is at <paramref name="at"/> and returns the index of its last character.</summary>
    private static int UnescapeOne(ReadOnlySpan<char> literal, int at, StringBuilder text, int line)
    {
        const string Letters = "\\'\"abfnrtv";
        const string Meanings = "\\'\"\a\b\f\n\r\t\v";
        var letter = literal[at];
        var known = Letters.IndexOf(letter);
        if (known >= 0)
        {
            text.Append(Meanings[known]);
            return at;
        }
        if (letter == '\n')
            return at;
        if (letter is >= '0' and <= '7')
        {
            var length = 1;
            while (length < 3 && at + length < literal.Length && literal[at + length] is >= '0' and <= '7')
                length++;
            text.Append((char)Convert.ToInt32(literal.Slice(at, length).ToString(), 8));
            return at + length - 1;
        }
        var digits = letter switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0)
        {
            text.Append('\\').Append(letter);
            return at;
        }
        if (at + digits >= literal.Length
            || !uint.TryParse(literal.Slice(at + 1, digits), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code)
            || code > 0x10FFFF)
            throw new TemplateException($"'\\{letter}' needs {digits} hexadecimal digits of a code point", line);
        text.Append(code is >= 0xD800 and <= 0xDFFF or <= 0xFFFF ? ((char)code).ToString() : char.ConvertFromUtf32((int)code));
        return at + digits;
    }
}
