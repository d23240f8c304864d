using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Store;

/// <summary>Reads the documents of a scope as they are indexed.</summary>
internal static class DocumentStore
{
    public static IReadOnlyList<KnowledgeDocument> List(string path, MemoryScope scope)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT source, title, kind, bytes, hash FROM documents WHERE scope = $scope ORDER BY source";
        command.Parameters.AddWithValue("$scope", KnowledgeScopes.Find(connection, scope) ?? 0);
        var documents = new List<KnowledgeDocument>();
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read()) documents.Add(ReadDocument(row));
        return documents;
    }

    public static KnowledgeDocument? Find(string path, MemoryScope scope, string source)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT source, title, kind, bytes, hash FROM documents WHERE scope = $scope AND source = $source";
        command.Parameters.AddWithValue("$scope", KnowledgeScopes.Find(connection, scope) ?? 0);
        command.Parameters.AddWithValue("$source", source);
        using SqliteDataReader row = command.ExecuteReader();
        return row.Read() ? ReadDocument(row) : null;
    }

    public static IReadOnlyList<KnowledgePassage> Passages(string path, MemoryScope scope, string source)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = """
            SELECT c.ordinal, c.page, c.heading, c.start, c.end, c.text
            FROM chunks c JOIN documents d ON d.id = c.document
            WHERE d.scope = $scope AND d.source = $source ORDER BY c.ordinal
            """;
        command.Parameters.AddWithValue("$scope", KnowledgeScopes.Find(connection, scope) ?? 0);
        command.Parameters.AddWithValue("$source", source);
        var passages = new List<KnowledgePassage>();
        using SqliteDataReader row = command.ExecuteReader();
        while (row.Read())
        {
            int? page = row.IsDBNull(1) ? null : row.GetInt32(1);
            passages.Add(new(row.GetInt32(0), page, row.GetString(2), row.GetInt32(3), row.GetInt32(4), row.GetString(5)));
        }

        return passages;
    }

    private static KnowledgeDocument ReadDocument(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), Convert.ToHexStringLower(row.GetFieldValue<byte[]>(4)));
}
