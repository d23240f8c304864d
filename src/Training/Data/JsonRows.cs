using System.Text.Json;

namespace AgentKit.Training.Data;

/// <summary>Cuts a file into rows of JSON, with the line each begins on.</summary>
internal static class JsonRows
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>Either a row or what is wrong with it.</summary>
    public static IEnumerable<(int Line, JsonElement? Row, string? Fault)> Split(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Span.StartsWith(ByteOrderMark)) bytes = bytes[ByteOrderMark.Length..];
        int first = bytes.Span.IndexOfAnyExcept(" \t\r\n"u8);
        return first >= 0 && bytes.Span[first] == (byte)'[' ? OfArray(bytes) : OfLines(bytes);
    }

    private static IEnumerable<(int, JsonElement?, string?)> OfLines(ReadOnlyMemory<byte> bytes)
    {
        for (int line = 1; !bytes.IsEmpty; line++)
        {
            int end = bytes.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> text = end < 0 ? bytes : bytes[..end];
            bytes = end < 0 ? default : bytes[(end + 1)..];
            if (text.Span.IndexOfAnyExcept(" \t\r"u8) >= 0) yield return Parse(line, text);
        }
    }

    private static (int, JsonElement?, string?) Parse(int line, ReadOnlyMemory<byte> text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return (line, document.RootElement.Clone(), null);
        }
        catch (JsonException e)
        {
            return (line, null, $"is not JSON: {Reason(e)} (byte {e.BytePositionInLine + 1})");
        }
    }

    /// <summary>After broken JSON the rest of an array cannot be told apart, so it is one fault.</summary>
    private static List<(int, JsonElement?, string?)> OfArray(ReadOnlyMemory<byte> bytes)
    {
        List<(int, JsonElement?, string?)> rows = [];
        var reader = new Utf8JsonReader(bytes.Span);
        int line = 1, counted = 0;
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                int start = (int)reader.TokenStartIndex;
                line += bytes.Span[counted..start].Count((byte)'\n');
                counted = start;
                using JsonDocument document = JsonDocument.ParseValue(ref reader);
                rows.Add((line, document.RootElement.Clone(), null));
            }

            if (reader.Read()) throw new JsonException("there is text after the array");
        }
        catch (JsonException e)
        {
            rows.Add(((int)(e.LineNumber + 1 ?? line), null, $"is not JSON: {Reason(e)}; the rows after it were not read"));
        }

        return rows;
    }

    private static string Reason(JsonException e)
    {
        int place = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (place < 0 ? e.Message : e.Message[..place]).TrimEnd('.');
    }
}
