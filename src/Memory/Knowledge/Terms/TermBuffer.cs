using System.Text;

namespace AgentKit.Memory.Knowledge.Terms;

/// <summary>Terms one after another, a blank behind each: what the full-text table takes. Used again and again by one thread.</summary>
internal sealed class TermBuffer
{
    private char[] _terms = new char[4096];
    private int _length;

    /// <summary>The terms of the text analyzed last.</summary>
    public ReadOnlySpan<char> Terms => _terms.AsSpan(0, _length);

    /// <summary>Takes the terms of a text in place of those before.</summary>
    public void Analyze(ReadOnlySpan<char> text)
    {
        _length = 0;
        var sink = new Sink(this);
        Analyzer.Analyze(text, ref sink);
    }

    public byte[] ToUtf8()
    {
        byte[] utf8 = new byte[Encoding.UTF8.GetByteCount(Terms)];
        Encoding.UTF8.GetBytes(Terms, utf8);
        return utf8;
    }

    private void Add(ReadOnlySpan<char> term)
    {
        if (_length + term.Length >= _terms.Length) Array.Resize(ref _terms, 2 * _terms.Length);
        term.CopyTo(_terms.AsSpan(_length));
        _terms[_length + term.Length] = ' ';
        _length += term.Length + 1;
    }

    private readonly struct Sink(TermBuffer buffer) : ITermSink
    {
        public void Add(ReadOnlySpan<char> term) => buffer.Add(term);
    }
}
