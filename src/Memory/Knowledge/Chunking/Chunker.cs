using AgentKit.Memory.Knowledge.Reading;

namespace AgentKit.Memory.Knowledge.Chunking;

/// <summary>
/// Cuts documents by their structure: a chunk never crosses a heading or a page; within a section it takes whole blocks as long as they fit.
/// A block that is too long is cut at sentences or lines, then at words, then anywhere. Takes time in proportion to the text, whatever its form.
/// </summary>
/// <param name="options">How long chunks are.</param>
/// <param name="counter">Counts tokens.</param>
/// <param name="room">Tokens that a chunk may have together with title and headings; no limit when <c>null</c>.</param>
internal sealed class Chunker(ChunkingOptions options, TokenCounter counter, int? room = null)
{
    /// <summary>Changes whenever the chunks of a document change.</summary>
    public const int Version = 1;

    private const int CharactersPerToken = 6;

    /// <summary>Line feeds between title, headings and text, and what a model puts around them.</summary>
    private const int TokensBetween = 4;

    /// <summary>However long the headings are, chunks have so many tokens: what does not fit then is reported when it is embedded.</summary>
    private const int LeastTokens = 32;

    // Sentences that overlap are looked for at the end of a chunk only.
    private const int OverlapWindow = 4000;

    public List<Chunk> Cut(ReadDocument document, string title = "")
    {
        var chunks = new List<Chunk>();
        int left = room is { } all ? all - TokensBetween - counter(title) : int.MaxValue;
        IReadOnlyList<Block> blocks = document.Blocks;
        for (int first = 0; first < blocks.Count;)
        {
            int last = SectionEnd(blocks, first);
            CutSection(document.Text, blocks, first, last, LimitUnder(blocks[last - 1].Heading, left), chunks);
            first = last;
        }

        return chunks;
    }

    /// <summary>Most tokens of a chunk under headings.</summary>
    /// <param name="heading">The headings.</param>
    /// <param name="left">What the title leaves of the room.</param>
    private int LimitUnder(string heading, int left)
    {
        if (room is not null) left = Math.Max(left - counter(heading), LeastTokens);
        return Math.Min(options.MaxTokens, left);
    }

    /// <summary>Blocks under the same headings on the same page. Headings with nothing under them go with the section below them.</summary>
    private static int SectionEnd(IReadOnlyList<Block> blocks, int first)
    {
        int at = first + 1;
        while (at < blocks.Count && blocks[at - 1].Kind is BlockKind.Heading && blocks[at].Page == blocks[first].Page
            && (blocks[at].Heading == blocks[at - 1].Heading
                || blocks[at].Heading.StartsWith($"{blocks[at - 1].Heading} > ", StringComparison.Ordinal)))
        {
            at++;
        }

        while (at < blocks.Count && blocks[at].Kind is not BlockKind.Heading
            && blocks[at].Heading == blocks[at - 1].Heading && blocks[at].Page == blocks[first].Page)
        {
            at++;
        }

        return at;
    }

    private void CutSection(string text, IReadOnlyList<Block> blocks, int first, int last, int limit, List<Chunk> chunks)
    {
        var open = new OpenChunk(blocks[last - 1].Heading, blocks[first].Page, limit);
        for (int i = first; i < last; i++)
        {
            Block block = blocks[i];
            int tokens = TokensWithin(text.AsSpan(block.Start, block.End - block.Start), limit);
            if (tokens <= limit) Take(text, block.Start, block.End, tokens, block.Kind, open, chunks);
            else CutBlock(text, block, open, chunks);
        }

        Close(text, open, chunks);
    }

    /// <summary>Tokens, or more than the limit as soon as that is clear: a huge block is not counted as a whole.</summary>
    private int TokensWithin(ReadOnlySpan<char> text, int limit) =>
        text.Length > limit * 64 ? int.MaxValue : counter(text);

    private void CutBlock(string text, Block block, OpenChunk open, List<Chunk> chunks)
    {
        ReadOnlySpan<char> whole = text.AsSpan(0, block.End);
        for (int at = block.Start; at < block.End;)
        {
            // Looked for once: a line of megabytes is not searched for its end at every piece.
            int piece = block.Kind is BlockKind.Lines ? LineEnd(whole, at) : Sentences.End(whole, at);
            while (at < piece)
            {
                int end = piece;
                int tokens = TokensWithin(whole[at..end], open.Limit);
                if (tokens > open.Limit) end = LongestFitting(whole, at, end, open.Limit, out tokens);
                Take(text, at, end, tokens, block.Kind, open, chunks);
                at = end;
            }
        }
    }

    private static int LineEnd(ReadOnlySpan<char> text, int start)
    {
        int length = text[start..].IndexOf('\n');
        return length < 0 ? text.Length : start + length + 1;
    }

    /// <summary>The longest beginning within the limit, cut behind a blank if it has one.</summary>
    private int LongestFitting(ReadOnlySpan<char> text, int start, int end, int limit, out int tokens)
    {
        int length = Math.Min(end - start, limit * CharactersPerToken);
        while (true)
        {
            tokens = counter(text.Slice(start, length));
            if (tokens <= limit || length == 1) break;
            length = Math.Max(1, Math.Min(length - 1, (int)((long)length * limit / tokens)));
        }

        int blank = text.Slice(start, length).LastIndexOfAny(" \t\n,;");
        if (start + length < end && blank > length / 2) length = blank + 1;
        if (length > 1 && char.IsHighSurrogate(text[start + length - 1])) length--;
        return start + length;
    }

    private void Take(string text, int start, int end, int tokens, BlockKind kind, OpenChunk open, List<Chunk> chunks)
    {
        if (!open.IsEmpty && open.Tokens + 1 + tokens > open.Limit)
        {
            (int overlapStart, int overlapTokens) = kind is BlockKind.Prose && open.LastKind is BlockKind.Prose ? Overlap(text, open) : (start, 0);
            Close(text, open, chunks);
            if (overlapTokens > 0 && overlapTokens + 1 + tokens <= open.Limit) open.Add(overlapStart, start, overlapTokens, kind);
        }

        open.Add(start, end, tokens, kind);
    }

    /// <summary>The last whole sentences of a chunk that the next one repeats.</summary>
    private (int Start, int Tokens) Overlap(string text, OpenChunk open)
    {
        if (options.OverlapTokens == 0) return (open.End, 0);
        ReadOnlySpan<char> whole = text.AsSpan(0, open.End);
        var starts = new List<int>();
        int from = Math.Max(open.Start, open.End - OverlapWindow);
        for (int at = from; at < open.End; at = Sentences.End(whole, at))
        {
            // The first one may begin in the middle of a sentence, or be the beginning of the chunk: that would repeat all of it.
            if (at > from) starts.Add(at);
        }

        (int Start, int Tokens) overlap = (open.End, 0);
        for (int i = starts.Count - 1; i >= 0; i--)
        {
            int tokens = counter(whole[starts[i]..]);
            if (tokens > options.OverlapTokens) break;
            overlap = (starts[i], tokens);
        }

        return overlap;
    }

    private static void Close(string text, OpenChunk open, List<Chunk> chunks)
    {
        ReadOnlySpan<char> span = text.AsSpan(open.Start, open.End - open.Start);
        int lead = span.Length - span.TrimStart().Length;
        int length = span.Trim().Length;
        if (length > 0) chunks.Add(new Chunk(open.Start + lead, open.Start + lead + length, open.Heading, open.Page));
        open.Clear();
    }

    /// <summary>The chunk that is being filled.</summary>
    private sealed class OpenChunk(string heading, int? page, int limit)
    {
        /// <summary>Most tokens.</summary>
        public int Limit => limit;

        public string Heading => heading;

        public int? Page => page;

        public int Start { get; private set; }

        public int End { get; private set; }

        public int Tokens { get; private set; }

        public BlockKind LastKind { get; private set; }

        public bool IsEmpty => End == Start;

        public void Add(int start, int end, int tokens, BlockKind kind)
        {
            // The white space between two pieces may be a token.
            Tokens = IsEmpty ? tokens : Tokens + 1 + tokens;
            if (IsEmpty) Start = start;
            (End, LastKind) = (end, kind);
        }

        public void Clear() => (Start, End, Tokens) = (0, 0, 0);
    }
}
