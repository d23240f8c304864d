using AgentKit.Memory.Knowledge.Vectors;
using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Store;

/// <summary>Counts what a scope holds.</summary>
internal static class StatusReader
{
    /// <summary>What made the vectors of a scope, empty when it has none.</summary>
    public static string Embedder(string path, MemoryScope scope)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        return KnowledgeScopes.Find(connection, scope) is { } id ? KnowledgeScopes.State(connection, id).Embedder : "";
    }

    public static KnowledgeStatus Read(string path, MemoryScope scope)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
        long id = KnowledgeScopes.Find(connection, scope) ?? 0;
        var kinds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        (long bytes, long last) = (0, 0);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT kind, count(*), sum(bytes), max(checked) FROM documents WHERE scope = $scope GROUP BY kind";
        command.Parameters.AddWithValue("$scope", id);
        using (SqliteDataReader row = command.ExecuteReader())
        {
            while (row.Read())
            {
                kinds[row.GetString(0)] = row.GetInt32(1);
                (bytes, last) = (bytes + row.GetInt64(2), Math.Max(last, row.GetInt64(3)));
            }
        }

        command.CommandText = "SELECT count(*) FROM chunks c JOIN documents d ON d.id = c.document WHERE d.scope = $scope";
        long chunks = (long)command.ExecuteScalar()!;
        string embedder = id > 0 ? KnowledgeScopes.State(connection, id).Embedder : "";
        command.CommandText = "SELECT count(*) FROM vectors v JOIN chunks c ON c.id = v.chunk JOIN documents d ON d.id = c.document WHERE d.scope = $scope";
        long vectors = embedder == LexicalEmbedder.Name ? chunks : (long)command.ExecuteScalar()!;
        command.CommandText = "SELECT count(*) FROM contexts x JOIN chunks c ON c.id = x.chunk WHERE x.scope = $scope";
        int contexts = (int)(long)command.ExecuteScalar()!;
        DateTimeOffset? read = last > 0 ? new DateTimeOffset(last, TimeSpan.Zero) : null;
        return new KnowledgeStatus(kinds.Values.Sum(), (int)chunks, bytes, kinds, read, embedder, (int)vectors, new FileInfo(path).Length) { Contexts = contexts };
    }
}
