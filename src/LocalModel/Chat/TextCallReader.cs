using System.Text;

namespace AgentKit.Models.Chat;

/// <summary>
/// Reads everything up to the mark that ends the section; the text is understood as a whole. The mark does not count inside of quotes and
/// brackets.
/// </summary>
internal sealed class TextCallReader(string end) : CallReader
{
    private readonly StringBuilder _text = new();
    private int _depth;
    private int _markStart = -1;
    private char _quote;
    private bool _isEscaped;

    public string Text => _text.ToString();

    public override CallProgress Push(char c)
    {
        _text.Append(c);
        if (_quote == '\0' && _depth == 0 && end.Length > 0 && MatchesMark())
        {
            if (_text.Length - _markStart < end.Length)
                return CallProgress.More;
            _text.Length = _markStart;
            return CallProgress.Complete;
        }
        Follow(c);
        return CallProgress.More;
    }

    public override bool Finish() => end.Length == 0;

    /// <summary>Whether the text ends with the mark or its beginning.</summary>
    private bool MatchesMark()
    {
        for (_markStart = Math.Max(0, _text.Length - end.Length); _markStart < _text.Length; _markStart++)
        {
            if (_text.ToString(_markStart, _text.Length - _markStart).AsSpan().SequenceEqual(end.AsSpan(0, _text.Length - _markStart)))
                return true;
        }
        return false;
    }

    private void Follow(char c)
    {
        if (_quote != '\0')
        {
            (_quote, _isEscaped) = (c == _quote && !_isEscaped ? '\0' : _quote, c == '\\' && !_isEscaped);
            return;
        }
        switch (c)
        {
            case '"' or '\'':
                _quote = c;
                break;
            case '(' or '[' or '{':
                _depth++;
                break;
            case ')' or ']' or '}':
                _depth = Math.Max(0, _depth - 1);
                break;
        }
    }
}
