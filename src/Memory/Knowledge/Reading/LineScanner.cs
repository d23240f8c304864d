namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>Walks over the lines of a text.</summary>
internal ref struct LineScanner(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _next = 0;

    /// <summary>Where the current line begins.</summary>
    public int Start { get; private set; } = 0;

    /// <summary>Where it ends, line break left out.</summary>
    public int End { get; private set; } = 0;

    public readonly ReadOnlySpan<char> Line => _text[Start..End];

    public bool Next()
    {
        if (_next >= _text.Length) return false;
        Start = _next;
        int length = _text[Start..].IndexOf('\n');
        (End, _next) = length < 0 ? (_text.Length, _text.Length) : (Start + length, Start + length + 1);
        if (End > Start && _text[End - 1] == '\r') End--;
        return true;
    }
}
