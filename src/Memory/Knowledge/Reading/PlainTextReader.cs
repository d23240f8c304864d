namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>Text without structure: paragraphs between blank lines.</summary>
internal static class PlainTextReader
{
    public static ReadDocument Read(string text)
    {
        var blocks = new BlockList();
        AddParagraphs(text, 0, blocks);
        return new ReadDocument(text, blocks.ToList());
    }

    /// <summary>Adds the paragraphs of a part of a document.</summary>
    /// <param name="part">The part.</param>
    /// <param name="offset">Where it begins in the document.</param>
    /// <param name="blocks">Takes them.</param>
    public static void AddParagraphs(ReadOnlySpan<char> part, int offset, BlockList blocks)
    {
        var lines = new LineScanner(part);
        while (lines.Next())
        {
            if (lines.Line.IsWhiteSpace()) blocks.Close();
            else blocks.Extend(offset + lines.Start, offset + lines.End, BlockKind.Prose);
        }

        blocks.Close();
    }
}
