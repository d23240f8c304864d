using System.Text;

namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>Writes the text of documents that are no text files, and their blocks with it.</summary>
internal sealed class TextBuilder
{
    private readonly StringBuilder _text = new();
    private readonly BlockList _blocks = new();
    private BlockKind _kind = BlockKind.Prose;
    private int _start;
    private int _level;
    private bool _blank;
    private bool _rowHasCell;

    public bool IsPreformatted { get; set; }

    public int? Page
    {
        get => _blocks.Page;
        set => _blocks.Page = value;
    }

    public bool IsEmpty => _text.Length == _start;

    public void BeginBlock(BlockKind kind)
    {
        EndBlock();
        (_kind, _rowHasCell) = (kind, false);
    }

    public void BeginHeading(int level)
    {
        EndBlock();
        (_kind, _level) = (BlockKind.Heading, level);
    }

    /// <summary>A cell of a table's row; cells are parted by bars.</summary>
    public void BeginCell()
    {
        if (_rowHasCell) Append(" | ", keepBlanks: true);
        (_rowHasCell, _blank) = (true, false);
    }

    /// <param name="text">Words; runs of white space become one blank unless they are kept.</param>
    /// <param name="keepBlanks">Whether white space stays as it is.</param>
    public void Append(ReadOnlySpan<char> text, bool keepBlanks)
    {
        if (keepBlanks)
        {
            _text.Append(text);
            _blank = false;
            return;
        }

        foreach (char c in text)
        {
            if (char.IsWhiteSpace(c))
            {
                _blank = true;
                continue;
            }

            if (_blank && !IsEmpty && !char.IsWhiteSpace(_text[^1])) _text.Append(' ');
            _blank = false;
            _text.Append(c);
        }
    }

    public void EndBlock()
    {
        int start = _start;
        (int end, BlockKind kind) = (_text.Length, _kind);
        (_kind, _blank, _rowHasCell) = (BlockKind.Prose, false, false);
        if (end == start) return;
        if (kind is BlockKind.Heading)
        {
            _blocks.AddHeading(_level, start, end, _text.ToString(start, end - start));
        }
        else
        {
            _blocks.Extend(start, end, kind);
            _blocks.Close();
        }

        _text.Append(kind is BlockKind.Lines ? "\n" : "\n\n");
        _start = _text.Length;
    }

    /// <summary>Sets the heading of what follows without writing it.</summary>
    public void EnterHeading(int level, string words)
    {
        EndBlock();
        _blocks.Headings.Enter(level, words);
    }

    /// <summary>Writes text that has its own paragraphs.</summary>
    public void AppendParagraphs(ReadOnlySpan<char> text)
    {
        EndBlock();
        PlainTextReader.AddParagraphs(text, _text.Length, _blocks);
        _text.Append(text).Append("\n\n");
        _start = _text.Length;
    }

    public ReadDocument ToDocument(string? title)
    {
        EndBlock();
        return new ReadDocument(_text.ToString(), _blocks.ToList(), title);
    }
}
