using System.Globalization;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Search;

/// <summary>Looks up what candidates stand for.</summary>
internal static class HitReader
{
    /// <summary>The hits of candidates in their order. A chunk of another scope is never read, whoever proposes it.</summary>
    public static List<Hit> Read(SqliteConnection connection, long scope, IReadOnlyList<Candidate> candidates)
    {
        using SqliteCommand command = connection.CreateCommand();
        string ids = string.Join(',', candidates.Select(candidate => candidate.Chunk.ToString(CultureInfo.InvariantCulture)));
        command.CommandText =
            $"""
            SELECT c.id, d.source, d.title, c.page, c.heading, c.start, c.end, c.text, c.hash, d.hash, x.text
            FROM chunks c JOIN documents d ON d.id = c.document LEFT JOIN contexts x ON x.chunk = c.id WHERE d.scope = $scope AND c.id IN ({ids})
            """;
        command.Parameters.AddWithValue("$scope", scope);
        using SqliteDataReader row = command.ExecuteReader();
        var found = new Dictionary<long, Hit>();
        while (row.Read())
        {
            found.Add(row.GetInt64(0), new Hit(
                row.GetInt64(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetInt32(3), row.GetString(4),
                row.GetInt32(5), row.GetInt32(6), 0, row.GetString(7), Hex(row, 8), Hex(row, 9))
            {
                Context = row.IsDBNull(10) ? null : row.GetString(10),
            });
        }

        return [.. from candidate in candidates where found.ContainsKey(candidate.Chunk) select found[candidate.Chunk] with { Score = candidate.Score }];
    }

    private static string Hex(SqliteDataReader row, int column) => Convert.ToHexStringLower(row.GetFieldValue<byte[]>(column));
}
