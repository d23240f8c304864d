namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>Collects blocks line by line.</summary>
internal sealed class BlockList
{
    private readonly List<Block> _blocks = [];
    private int _start = -1;
    private int _end;
    private BlockKind _kind;

    public HeadingPath Headings { get; } = new();

    public int? Page { get; set; }

    /// <summary>Whether a block is open.</summary>
    public bool IsOpen => _start >= 0;

    /// <summary>What the open block is.</summary>
    public BlockKind OpenKind => _kind;

    /// <summary>Where the open block began.</summary>
    public int OpenStart => _start;

    public int Count => _blocks.Count;

    /// <summary>Lengthens the open block if it is of this kind, else opens another one.</summary>
    public void Extend(int start, int end, BlockKind kind)
    {
        if (IsOpen && _kind != kind) Close();
        if (!IsOpen) (_start, _kind) = (start, kind);
        _end = end;
    }

    public void Close()
    {
        if (IsOpen && _end > _start) _blocks.Add(new Block(_start, _end, _kind, Headings.Text, Page));
        _start = -1;
    }

    /// <summary>Closes the open block, which lines from here on no longer belong to.</summary>
    public void CloseBefore(int start)
    {
        _end = Math.Min(_end, start);
        Close();
    }

    /// <summary>Forgets the open block.</summary>
    public void Drop() => _start = -1;

    /// <summary>A heading that begins a section.</summary>
    public void AddHeading(int level, int start, int end, ReadOnlySpan<char> words)
    {
        Close();
        Headings.Enter(level, words);
        _blocks.Add(new Block(start, end, BlockKind.Heading, Headings.Text, Page));
    }

    public IReadOnlyList<Block> ToList()
    {
        Close();
        return _blocks;
    }
}
