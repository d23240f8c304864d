using System.Text;
using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Memory.Knowledge.Reading;

/// <summary>Tables and records: CSV and TSV by row, JSON Lines by line, JSON by the elements of its outermost array or object.</summary>
internal static class RecordReader
{
    private const int LongestHeader = 120;
    private const int MostLevels = 512;

    /// <summary>The first row names the columns and is the heading of all others. Quoted fields may hold line breaks.</summary>
    public static ReadDocument ReadTable(string text)
    {
        var blocks = new BlockList();
        bool quotes = true;
        for (int at = 0; at < text.Length;)
        {
            int end = RowEnd(text, at, ref quotes);
            ReadOnlySpan<char> row = text.AsSpan(at, end - at).TrimEnd("\r\n");
            if (!row.IsWhiteSpace())
            {
                if (blocks.Headings.Text.Length == 0) blocks.Headings.Enter(1, Shorten(row));
                blocks.Extend(at, at + row.Length, BlockKind.Lines);
                blocks.Close();
            }

            at = end;
        }

        return new ReadDocument(text, blocks.ToList());
    }

    /// <exception cref="UserInputException">A line is not JSON.</exception>
    public static ReadDocument ReadJsonLines(string text)
    {
        var blocks = new BlockList();
        int number = 0;
        var lines = new LineScanner(text);
        while (lines.Next())
        {
            number++;
            if (lines.Line.IsWhiteSpace()) continue;
            CheckJson(lines.Line, number);
            blocks.Extend(lines.Start, lines.End, BlockKind.Lines);
            blocks.Close();
        }

        return new ReadDocument(text, blocks.ToList());
    }

    /// <exception cref="UserInputException">The text is not JSON.</exception>
    public static ReadDocument ReadJson(string text)
    {
        var blocks = new BlockList();
        if (!string.IsNullOrWhiteSpace(text)) CheckJson(text, 0);
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    i = StringEnd(text, i);
                    break;
                case '{' or '[':
                    depth++;
                    break;
                case '}' or ']':
                    depth--;
                    break;
                case ',' when depth == 1:
                    AddElement(text, start, i + 1, blocks);
                    start = i + 1;
                    break;
            }
        }

        AddElement(text, start, text.Length, blocks);
        return new ReadDocument(text, blocks.ToList());
    }

    private static void AddElement(string text, int start, int end, BlockList blocks)
    {
        if (text.AsSpan(start, end - start).IsWhiteSpace()) return;
        blocks.Extend(start, end, BlockKind.Lines);
        blocks.Close();
    }

    private static int StringEnd(string text, int quote)
    {
        int i = quote + 1;
        while (i < text.Length && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
        return i;
    }

    /// <summary>A quote counts at the beginning of a field only; one that is never closed makes all quotes signs like any other.</summary>
    private static int RowEnd(string text, int start, ref bool quotes)
    {
        bool quoted = false;
        for (int i = start; quotes && i < text.Length; i++)
        {
            if (text[i] == '"' && (quoted || i == start || text[i - 1] is ',' or ';' or '\t' or '"')) quoted = !quoted;
            else if (text[i] == '\n' && !quoted) return i + 1;
        }

        if (quotes && !quoted) return text.Length;
        quotes = false;
        int line = text.IndexOf('\n', start);
        return line < 0 ? text.Length : line + 1;
    }

    private static ReadOnlySpan<char> Shorten(ReadOnlySpan<char> row)
    {
        int end = row.IndexOfAny('\r', '\n');
        if (end >= 0) row = row[..end];
        return row.Length > LongestHeader ? row[..LongestHeader] : row;
    }

    private static void CheckJson(ReadOnlySpan<char> json, int line)
    {
        byte[] utf8 = new byte[Encoding.UTF8.GetMaxByteCount(json.Length)];
        var reader = new Utf8JsonReader(utf8.AsSpan(0, Encoding.UTF8.GetBytes(json, utf8)), new JsonReaderOptions { MaxDepth = MostLevels });
        try
        {
            while (reader.Read())
            {
                // Only whether it can be read to its end.
            }
        }
        catch (JsonException e)
        {
            string what = reader.CurrentDepth >= MostLevels - 1 ? $"is nested deeper than {MostLevels} levels, which is not read" : "is not JSON";
            throw new UserInputException("content", $"Line {(line > 0 ? line : e.LineNumber + 1)} {what}.", e);
        }
    }
}
