using System.Text;

namespace AgentKit.Models.Chat;

/// <summary>
/// Reads one JSON object or array character by character and knows, without looking ahead, when it is complete or can no longer become
/// valid.
/// Line breaks and other control characters inside strings, which models write, are accepted and escaped in <see cref="Text"/>.
/// </summary>
internal sealed class JsonScanner
{
    private const int MaxDepth = 256;
    private const string Literals = "truefalsenull";

    private readonly StringBuilder _text = new();
    private readonly Stack<char> _open = new();
    private State _state = State.Value;
    private string _word = "";
    private int _hexDigits;
    private bool _isKey;

    private enum State
    {
        Value,
        ValueOrEnd,
        Key,
        KeyOrEnd,
        Colon,
        Next,
        InString,
        Escape,
        Hex,
        Word,
        Complete,
        Invalid,
    }

    /// <summary>The JSON read so far, valid text once <see cref="IsComplete"/>.</summary>
    public string Text => _text.ToString();

    public bool IsEmpty => _text.Length == 0;

    public bool IsComplete => _state == State.Complete;

    /// <summary>Takes the next character.</summary>
    /// <returns>False when the text cannot become valid JSON any more.</returns>
    public bool Push(char c)
    {
        if (_state is State.Complete or State.Invalid)
            return false;
        if (_state == State.Word && !IsWord(c))
        {
            if (!EndWord())
                return Fail();
        }
        var accepted = _state switch
        {
            State.InString => PushInString(c),
            State.Escape => PushEscape(c),
            State.Hex => PushHex(c),
            State.Word => PushWord(c),
            _ when char.IsWhiteSpace(c) => true,
            _ => PushStructure(c),
        };
        if (!accepted)
            return Fail();
        if (_state != State.InString || c >= ' ')
            _text.Append(c);
        return true;
    }

    private bool PushStructure(char c) => (_state, c) switch
    {
        (State.Value or State.ValueOrEnd, '{') => Open('}', State.KeyOrEnd),
        (State.Value or State.ValueOrEnd, '[') => Open(']', State.ValueOrEnd),
        (State.ValueOrEnd, ']') or (State.KeyOrEnd, '}') => Close(c),
        (State.Value or State.ValueOrEnd, '"') => _open.Count > 0 && Become(State.InString, isKey: false),
        (State.Value or State.ValueOrEnd, _) => _open.Count > 0 && IsWord(c) && StartWord(c),
        (State.Key or State.KeyOrEnd, '"') => Become(State.InString, isKey: true),
        (State.Colon, ':') => Become(State.Value, _isKey),
        (State.Next, ',') => Become(_open.Peek() == '}' ? State.Key : State.Value, _isKey),
        (State.Next, '}' or ']') => Close(c),
        _ => false,
    };

    private bool PushInString(char c)
    {
        if (c == '"')
            return Become(_isKey ? State.Colon : State.Next, _isKey);
        if (c == '\\')
            return Become(State.Escape, _isKey);
        if (c < ' ')
            _text.Append($"\\u{(int)c:x4}");
        return true;
    }

    private bool PushEscape(char c)
    {
        if (c == 'u')
        {
            _hexDigits = 4;
            return Become(State.Hex, _isKey);
        }
        return "\"\\/bfnrt".Contains(c) && Become(State.InString, _isKey);
    }

    private bool PushHex(char c)
    {
        if (!char.IsAsciiHexDigit(c))
            return false;
        return --_hexDigits > 0 || Become(State.InString, _isKey);
    }

    private bool PushWord(char c)
    {
        _word += c;
        return _word.Length < 400 && (char.IsAsciiLetterLower(_word[0]) ? Literals.Contains(_word, StringComparison.Ordinal) : true);
    }

    private bool StartWord(char c)
    {
        _word = "";
        return Become(State.Word, isKey: false) && PushWord(c);
    }

    private bool EndWord()
    {
        _state = State.Next;
        return _word is "true" or "false" or "null" || IsNumber(_word);
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '+' or '.';

    private static bool IsNumber(string word)
    {
        var i = word.StartsWith('-') ? 1 : 0;
        var digits = CountDigits(word, i);
        if (digits == 0 || (digits > 1 && word[i] == '0'))
            return false;
        i += digits;
        if (i < word.Length && word[i] == '.')
        {
            digits = CountDigits(word, ++i);
            i += digits;
            if (digits == 0)
                return false;
        }
        if (i < word.Length && word[i] is 'e' or 'E')
        {
            i += i + 1 < word.Length && word[i + 1] is '+' or '-' ? 2 : 1;
            digits = CountDigits(word, i);
            i += digits;
            if (digits == 0)
                return false;
        }
        return i == word.Length;
    }

    private static int CountDigits(string word, int start)
    {
        var end = start;
        while (end < word.Length && char.IsAsciiDigit(word[end]))
            end++;
        return end - start;
    }

    private bool Open(char close, State inside)
    {
        _open.Push(close);
        return _open.Count <= MaxDepth && Become(inside, isKey: false);
    }

    private bool Close(char c)
    {
        if (_open.Pop() != c)
            return false;
        return Become(_open.Count == 0 ? State.Complete : State.Next, isKey: false);
    }

    private bool Become(State state, bool isKey)
    {
        (_state, _isKey) = (state, isKey);
        return true;
    }

    private bool Fail()
    {
        _state = State.Invalid;
        return false;
    }
}
