namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>
/// The block structure of Markdown: headings with # or underlined, fenced code, tables, front matter, paragraphs and lists. Inline marks stay
/// as they are, so that spans are those of the file.
/// </summary>
internal static class MarkdownReader
{
    private const string HeadingMarks = "#*`_ \t";

    public static ReadDocument Read(string text)
    {
        var blocks = new BlockList();
        string? title = null;
        string? fence = null;
        var lines = new LineScanner(text);
        while (lines.Next())
        {
            ReadOnlySpan<char> line = lines.Line;
            ReadOnlySpan<char> trimmed = line.Trim();
            if (fence is not null)
            {
                blocks.Extend(lines.Start, lines.End, BlockKind.Lines);
                if (!trimmed.StartsWith(fence) || trimmed.TrimEnd(fence[0]).Length > 0) continue;
                fence = null;
                blocks.Close();
            }
            else if (trimmed.IsEmpty)
            {
                blocks.Close();
            }
            else if (FenceOf(trimmed, lines.Start) is { } opened)
            {
                blocks.Close();
                fence = opened;
                blocks.Extend(lines.Start, lines.End, BlockKind.Lines);
            }
            else if (LevelOf(line) is > 0 and var level)
            {
                ReadOnlySpan<char> words = trimmed.Trim(HeadingMarks);
                blocks.AddHeading(level, lines.Start, lines.End, words);
                if (level == 1) title ??= words.ToString();
            }
            else if (UnderlineOf(trimmed, blocks) is > 0 and var underlined)
            {
                string words = text[blocks.OpenStart..lines.Start].Trim().Trim(HeadingMarks.ToCharArray());
                title = Underline(blocks, underlined, lines.End, words, title);
            }
            else
            {
                blocks.Extend(lines.Start, lines.End, trimmed[0] == '|' ? BlockKind.Lines : BlockKind.Prose);
            }
        }

        return new ReadDocument(text, blocks.ToList(), string.IsNullOrEmpty(title) ? null : title);
    }

    private static string? Underline(BlockList blocks, int level, int end, string words, string? title)
    {
        int start = blocks.OpenStart;
        blocks.Drop();
        blocks.AddHeading(level, start, end, words);
        return level == 1 ? title ?? words : title;
    }

    /// <summary>What closes the code or front matter that this line opens; <c>null</c> when it opens none.</summary>
    private static string? FenceOf(ReadOnlySpan<char> trimmed, int start)
    {
        if (start == 0 && trimmed is "---") return "---";
        if (trimmed[0] is not ('`' or '~')) return null;
        int length = trimmed.Length - trimmed.TrimStart(trimmed[0]).Length;
        return length < 3 || (trimmed[0] == '`' && trimmed[length..].Contains('`')) ? null : trimmed[..length].ToString();
    }

    private static int LevelOf(ReadOnlySpan<char> line)
    {
        ReadOnlySpan<char> trimmed = line.TrimStart(' ');
        if (line.Length - trimmed.Length > 3) return 0;
        int level = trimmed.Length - trimmed.TrimStart('#').Length;
        return level is > 0 and <= 6 && (trimmed.Length == level || char.IsWhiteSpace(trimmed[level])) ? level : 0;
    }

    /// <summary>The level of the heading that this line makes of the paragraph above it.</summary>
    private static int UnderlineOf(ReadOnlySpan<char> trimmed, BlockList blocks)
    {
        if (!blocks.IsOpen || blocks.OpenKind is not BlockKind.Prose) return 0;
        return trimmed[0] is '=' && trimmed.Trim('=').IsEmpty ? 1 : trimmed.Length > 1 && trimmed[0] is '-' && trimmed.Trim('-').IsEmpty ? 2 : 0;
    }
}
