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
            // Chunks may overlap; between two that do not lies white space only. As much of it as there was: places in this text are places in the document's.
            if (start >= end) text.Append('\n', Math.Min(start - end, 2)).Append(' ', Math.Max(start - end - 2, 0)).Append(next);
            else if (until > end) text.Append(next.AsSpan(end - start));
            end = Math.Max(end, until);
        }

        return hit with { Start = section[first].Start, End = end, Text = text.ToString() };
    }

    /// <summary>Chunks around a chunk with the same headings on the same page, in order, as far as no other section lies between.</summary>
    private static List<(long Id, int Start, int End, string Text)> Neighbours(SqliteConnection connection, long chunk)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT n.id, n.start, n.end, n.text, n.ordinal FROM chunks c JOIN chunks n ON n.document = c.document
            WHERE c.id = $chunk AND n.heading = c.heading AND n.page IS c.page AND n.ordinal BETWEEN c.ordinal - $reach AND c.ordinal + $reach
            ORDER BY n.ordinal
            """;
        command.Parameters.AddWithValue("$chunk", chunk);
        command.Parameters.AddWithValue("$reach", Reach);
        using SqliteDataReader row = command.ExecuteReader();
        var chunks = new List<(long, int, int, string)>();
        (long before, bool isPassed) = (-1, false);
        while (row.Read())
        {
            long ordinal = row.GetInt64(4);
            if (before >= 0 && ordinal != before + 1)
            {
                if (isPassed) break;
                chunks.Clear();
            }

            chunks.Add((row.GetInt64(0), row.GetInt32(1), row.GetInt32(2), row.GetString(3)));
            (before, isPassed) = (ordinal, isPassed || row.GetInt64(0) == chunk);
        }

        return chunks;
    }
}
