using System.Runtime.InteropServices;
using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Store;

/// <summary>Writes the vectors of one scope. Used by one thread at a time.</summary>
internal sealed class VectorWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly long _scope;

    public VectorWriter(string path, MemoryScope scope)
    {
        _connection = KnowledgeFile.Format.OpenForWriting(path);
        _scope = KnowledgeScopes.Ensure(_connection, scope);
    }

    /// <summary>Notes what makes the vectors from now on. Vectors that something else has made go.</summary>
    public void Begin(string embedder)
    {
        if (KnowledgeScopes.State(_connection, _scope).Embedder == embedder) return;
        using SqliteTransaction transaction = _connection.BeginTransaction(deferred: false);
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText =
            """
            DELETE FROM vectors WHERE chunk IN (SELECT c.id FROM chunks c JOIN documents d ON d.id = c.document WHERE d.scope = $scope);
            UPDATE scopes SET embedder = $embedder WHERE id = $scope;
            """;
        command.Parameters.AddWithValue("$scope", _scope);
        command.Parameters.AddWithValue("$embedder", embedder);
        command.ExecuteNonQuery();
        Advance();
        transaction.Commit();
    }

    /// <summary>Whether any chunk has a vector.</summary>
    public bool HasAny()
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText =
            "SELECT EXISTS (SELECT 1 FROM vectors v CROSS JOIN chunks c ON c.id = v.chunk CROSS JOIN documents d ON d.id = c.document WHERE d.scope = $scope)";
        command.Parameters.AddWithValue("$scope", _scope);
        return (long)command.ExecuteScalar()! == 1;
    }

    /// <summary>Number of chunks without a vector.</summary>
    public int CountMissing()
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText =
            "SELECT count(*) FROM chunks c JOIN documents d ON d.id = c.document WHERE d.scope = $scope AND NOT EXISTS (SELECT 1 FROM vectors WHERE chunk = c.id)";
        command.Parameters.AddWithValue("$scope", _scope);
        return (int)(long)command.ExecuteScalar()!;
    }

    /// <summary>
    /// The next chunks without a vector behind a chunk, with their source and the text to embed: title, headings, context, chunk. The order of the join is fixed: chunks by
    /// id, so that a group costs what it has and not what all documents have.
    /// </summary>
    public List<(long Chunk, string Source, string Text)> Missing(long after, int count)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText =
            """
            SELECT c.id, d.source, d.title, c.heading, coalesce(x.text, ''), c.text
            FROM chunks c CROSS JOIN documents d ON d.id = c.document LEFT JOIN contexts x ON x.chunk = c.id
            WHERE c.id > $after AND d.scope = $scope AND NOT EXISTS (SELECT 1 FROM vectors WHERE chunk = c.id) ORDER BY c.id LIMIT $count
            """;
        command.Parameters.AddWithValue("$after", after);
        command.Parameters.AddWithValue("$scope", _scope);
        command.Parameters.AddWithValue("$count", count);
        using SqliteDataReader row = command.ExecuteReader();
        var missing = new List<(long, string, string)>();
        while (row.Read()) missing.Add((row.GetInt64(0), row.GetString(1), TextToEmbed(row, 2)));
        return missing;
    }

    /// <summary>The text of which a chunk's vector is made.</summary>
    /// <param name="row">A row.</param>
    /// <param name="first">The column of the title; headings, context and text follow.</param>
    public static string TextToEmbed(SqliteDataReader row, int first) =>
        string.Join('\n', Enumerable.Range(first, 4).Select(row.GetString).Where(part => part.Length > 0));

    /// <summary>Commits vectors of length 1.</summary>
    public void Put(IReadOnlyList<(long Chunk, float[] Vector)> vectors)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction(deferred: false);
        using var insert = new SqliteStatement(_connection, "INSERT OR REPLACE INTO vectors (chunk, vector) VALUES (?1, ?2)");
        foreach ((long chunk, float[] vector) in vectors) insert.Bind(1, chunk).BindBlob(2, MemoryMarshal.AsBytes<float>(vector)).Execute();
        Advance();
        transaction.Commit();
    }

    public void Dispose() => _connection.Dispose();

    private void Advance()
    {
        using var advance = new SqliteStatement(_connection, KnowledgeScopes.Advance);
        advance.Bind(1, _scope).Execute();
    }
}
