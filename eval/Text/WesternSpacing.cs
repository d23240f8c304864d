namespace AgentKit.Eval.Text;

/// <summary>
/// The four substitutions of mteval's tokenizers for western languages, one after the other and each once from left to right: blanks around
/// punctuation; a mark ('.' or ',') behind anything but a digit; a mark before anything but a digit; a dash behind a digit. Every character
/// goes through all of them at once: a stage holds one back until it has seen its neighbour, and a pair it replaced takes no further part.
/// </summary>
internal ref struct WesternSpacing
{
    private const int None = -1;

    private int _beforeMark = None;
    private int _mark = None;
    private int _beforeDash = None;
    private Span<char> _text;
    private int _length = 0;

    /// <param name="buffer">Where the text is written as long as it fits.</param>
    public WesternSpacing(Span<char> buffer) => _text = buffer;

    /// <summary>Sends a text through all substitutions.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!MtevalTokenizer.IsSetOff(c))
            {
                AppendSetOff(c);
                continue;
            }

            AppendSetOff(' ');
            AppendSetOff(c);
            AppendSetOff(' ');
        }
    }

    /// <summary>Sends a text, in which punctuation is set off already, through the other three.</summary>
    public void AppendSetOff(ReadOnlySpan<char> text)
    {
        foreach (char c in text) AppendSetOff(c);
    }

    /// <summary>The whole text; nothing may follow.</summary>
    public ReadOnlySpan<char> Finish()
    {
        if (_beforeMark != None) ParkMark((char)_beforeMark);
        if (_mark != None) ParkDigit((char)_mark);
        if (_beforeDash != None) Write((char)_beforeDash);
        return _text[.._length];
    }

    private void AppendSetOff(char c)
    {
        int held = _beforeMark;
        _beforeMark = c;
        if (held == None) return;
        ParkMark((char)held);
        if (c is not ('.' or ',') || char.IsAsciiDigit((char)held)) return;
        ParkMark(' ');
        ParkMark(c);
        ParkMark(' ');
        _beforeMark = None;
    }

    private void ParkMark(char c)
    {
        int held = _mark;
        _mark = c;
        if (held == None) return;
        if (held is not ('.' or ',') || char.IsAsciiDigit(c))
        {
            ParkDigit((char)held);
            return;
        }

        ParkDigit(' ');
        ParkDigit((char)held);
        ParkDigit(' ');
        ParkDigit(c);
        _mark = None;
    }

    private void ParkDigit(char c)
    {
        int held = _beforeDash;
        _beforeDash = c;
        if (held == None) return;
        Write((char)held);
        if (c != '-' || !char.IsAsciiDigit((char)held)) return;
        Write(' ');
        Write(c);
        Write(' ');
        _beforeDash = None;
    }

    private void Write(char c)
    {
        if (_length == _text.Length)
        {
            Span<char> longer = new char[2 * _length + 64];
            _text.CopyTo(longer);
            _text = longer;
        }

        _text[_length++] = c;
    }
}
