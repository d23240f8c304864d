using System.Text;
using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Store;

/// <summary>
/// Writes the contexts of one scope's chunks. A chunk that gets one becomes a chunk of another id: what was made of it without the context, its
/// vector above all, is not taken for it. Used by one thread at a time.
/// </summary>
internal sealed class ContextWriter : IDisposable
{
    private const string Omission = "\n[…]\n";

    private const string Bare =
        """
        FROM chunks c CROSS JOIN documents d ON d.id = c.document
        WHERE c.id > $after AND d.scope = $scope AND NOT EXISTS (SELECT 1 FROM contexts x WHERE x.chunk = c.id AND x.recipe = $recipe)
        """;

    private readonly SqliteConnection _connection;
    private readonly long _scope;

    public ContextWriter(string path, MemoryScope scope)
    {
        _connection = KnowledgeFile.Format.OpenForWriting(path);
        _scope = KnowledgeScopes.Ensure(_connection, scope);
    }

    /// <summary>Number of chunks without a context by this recipe.</summary>
    public int CountMissing(string recipe)
    {
        using SqliteCommand command = Command($"SELECT count(*) {Bare}", ("$after", 0L), ("$recipe", recipe));
        return (int)(long)command.ExecuteScalar()!;
    }

    /// <summary>The next chunks behind a chunk without a context by this recipe.</summary>
    public List<BareChunk> Missing(string recipe, long after, int count)
    {
        using SqliteCommand command = Command(
            $"SELECT c.id, c.document, d.source, d.title, c.heading, c.start, c.text {Bare} ORDER BY c.id LIMIT $count",
            ("$after", after), ("$recipe", recipe), ("$count", count));
        using SqliteDataReader row = command.ExecuteReader();
        var chunks = new List<BareChunk>();
        while (row.Read())
        {
            chunks.Add(new BareChunk(
                row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt32(5), row.GetString(6)));
        }

        return chunks;
    }

    /// <summary>What was answered to a question before, also about a chunk that this ingest has removed: a file with another name, say.</summary>
    public string? Find(byte[] hash)
    {
        using SqliteCommand command = Command("SELECT text FROM contexts WHERE scope = $scope AND hash = $hash LIMIT 1", ("$hash", hash));
        return (string?)command.ExecuteScalar();
    }

    /// <summary>
    /// A chunk's document, or its beginning and what is around the chunk. Windows begin at fixed places: chunks beside each other have the same one.
    /// </summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="most">Most characters.</param>
    public string DocumentAround(BareChunk chunk, int most)
    {
        using SqliteCommand command = Command("SELECT max(end) FROM chunks WHERE document = $document", ("$document", chunk.Document));
        long length = (long)command.ExecuteScalar()!;
        if (length <= most) return TextOf(chunk.Document, 0, most);
        int head = most / 4;
        int step = (most - head) / 2;
        int begin = Math.Max(head, (chunk.Start / step * step) - (step / 2));
        string join = begin == head ? "" : Omission;
        return $"{TextOf(chunk.Document, 0, head)}{join}{TextOf(chunk.Document, begin, begin + (2 * step))}{(begin + (2 * step) < length ? Omission : "")}";
    }

    /// <summary>Commits contexts.</summary>
    public void Put(string recipe, IReadOnlyList<ChunkContext> contexts)
    {
        if (contexts.Count == 0) return;
        string terms = KnowledgeScopes.TableOf(_scope);
        using SqliteTransaction transaction = _connection.BeginTransaction(deferred: false);
        using var copy = new SqliteStatement(
            _connection,
            "INSERT INTO chunks (document, ordinal, page, heading, start, end, hash, text) "
            + "SELECT document, ordinal, page, heading, start, end, hash, text FROM chunks WHERE id = ?1");
        using var index = new SqliteStatement(_connection, $"INSERT INTO {terms} (rowid, heading, body) VALUES (?1, ?2, ?3)");
        using var note = new SqliteStatement(_connection, "INSERT INTO contexts (chunk, scope, recipe, hash, text) VALUES (?1, ?2, ?3, ?4, ?5)");
        SqliteStatement[] removals =
        [
            new(_connection, $"DELETE FROM {terms} WHERE rowid = ?1"), new(_connection, "DELETE FROM vectors WHERE chunk = ?1"),
            new(_connection, "DELETE FROM chunks WHERE id = ?1"),
        ];
        foreach (ChunkContext context in contexts)
        {
            BareChunk chunk = context.Chunk;
            copy.Bind(1, chunk.Id).Execute();
            long id = SQLitePCL.raw.sqlite3_last_insert_rowid(_connection.Handle!);
            (byte[] heading, byte[] body) = ChunkPreparation.Begin(chunk.Title).TermsOf(chunk.Heading, chunk.Text, context.Text);
            index.Bind(1, id).BindText(2, heading).BindText(3, body).Execute();
            note.Bind(1, id).Bind(2, _scope).Bind(3, recipe).BindBlob(4, context.Hash).Bind(5, context.Text).Execute();
            foreach (SqliteStatement removal in removals) removal.Bind(1, chunk.Id).Execute();
        }

        foreach (SqliteStatement removal in removals) removal.Dispose();
        using var advance = new SqliteStatement(_connection, KnowledgeScopes.Advance);
        advance.Bind(1, _scope).Execute();
        transaction.Commit();
    }

    /// <summary>Forgets contexts of chunks that are not there any more.</summary>
    public void RemoveOrphans()
    {
        using SqliteCommand command = Command("DELETE FROM contexts WHERE scope = $scope AND NOT EXISTS (SELECT 1 FROM chunks WHERE id = contexts.chunk)");
        command.ExecuteNonQuery();
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>The text of a document from one character to another as far as chunks hold it, each part once.</summary>
    private string TextOf(long document, int from, int to)
    {
        using SqliteCommand command = Command(
            "SELECT start, end, text FROM chunks WHERE document = $document AND start < $to AND end > $from ORDER BY ordinal",
            ("$document", document), ("$from", from), ("$to", to));
        using SqliteDataReader row = command.ExecuteReader();
        var text = new StringBuilder();
        int at = from;
        while (row.Read())
        {
            (int start, int end) = (row.GetInt32(0), Math.Min(row.GetInt32(1), to));
            int first = Math.Max(at, start);
            if (first >= end) continue;
            if (first > at && text.Length > 0) text.Append('\n');
            text.Append(row.GetString(2).AsSpan(first - start, end - first));
            at = end;
        }

        // Half a surrogate pair is no text.
        if (text.Length > 0 && char.IsHighSurrogate(text[^1])) text.Length--;
        if (text.Length > 0 && char.IsLowSurrogate(text[0])) text.Remove(0, 1);
        return text.ToString();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        if (sql.Contains("$scope", StringComparison.Ordinal)) command.Parameters.AddWithValue("$scope", _scope);
        foreach ((string name, object value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
