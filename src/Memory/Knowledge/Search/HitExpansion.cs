using System.Text;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Search;

/// <summary>Lengthens a hit by its neighbours in the same section.</summary>
internal static class HitExpansion
{
    private const int Reach = 16;

    /// <summary>The hit with as many whole chunks around it as fit, the following one first, then the one before, by turns.</summary>
    public static Hit Expand(SqliteConnection connection, Hit hit, int length)
    {
        if (hit.Text.Length >= length) return hit;
        List<(long Id, int Start, int End, string Text)> section = Neighbours(connection, hit.Id);
        int first = section.FindIndex(chunk => chunk.Id == hit.Id);
        int last = first;
        for (bool grown = true; grown;)
        {
            grown = false;
            if (last + 1 < section.Count && section[last + 1].End - section[first].Start <= length) (last, grown) = (last + 1, true);
            if (first > 0 && section[last].End - section[first - 1].Start <= length) (first, grown) = (first - 1, true);
        }

        var text = new StringBuilder(section[first].Text);
        int end = section[first].End;
        foreach ((_, int start, int until, string next) in section.GetRange(first + 1, last - first))
        {
            // Chunks may overlap; between two that do not lies white space only.
            if (start >= end) text.Append('\n', start > end ? 1 : 0).Append(next);
            else if (until > end) text.Append(next.AsSpan(end - start));
            end = Math.Max(end, until);
        }

        return hit with { Start = section[first].Start, End = end, Text = text.ToString() };
    }

    /// <summary>Chunks around a chunk with the same headings on the same page, in order, without gaps.</summary>
    private static List<(long Id, int Start, int End, string Text)> Neighbours(SqliteConnection connection, long chunk)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT n.id, n.start, n.end, n.text FROM chunks c JOIN chunks n ON n.document = c.document
            WHERE c.id = $chunk AND n.heading = c.heading AND n.page IS c.page AND n.ordinal BETWEEN c.ordinal - $reach AND c.ordinal + $reach
            ORDER BY n.ordinal
            """;
        command.Parameters.AddWithValue("$chunk", chunk);
        command.Parameters.AddWithValue("$reach", Reach);
        using SqliteDataReader row = command.ExecuteReader();
        var chunks = new List<(long, int, int, string)>();
        while (row.Read()) chunks.Add((row.GetInt64(0), row.GetInt32(1), row.GetInt32(2), row.GetString(3)));
        return chunks;
    }
}
