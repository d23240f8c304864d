using AgentKit.Memory.Knowledge.Ingest;
using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Store;

/// <summary>
/// Writes the documents of one scope. A document is exchanged as a whole within a transaction; chunks whose text stays keep their id. Used by
/// one thread at a time.
/// </summary>
internal sealed class KnowledgeWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly long _scope;
    private readonly SqliteStatement _insertDocument;
    private readonly SqliteStatement _updateDocument;
    private readonly SqliteStatement _touchDocument;
    private readonly SqliteStatement _deleteDocument;
    private readonly SqliteStatement _insertChunk;
    private readonly SqliteStatement _moveChunk;
    private readonly SqliteStatement _deleteChunk;
    private readonly SqliteStatement _insertTerms;
    private readonly SqliteStatement _deleteTerms;
    private readonly SqliteStatement _deleteVector;
    private readonly SqliteStatement _advance;
    private SqliteTransaction? _transaction;

    public KnowledgeWriter(string path, MemoryScope scope)
    {
        _connection = KnowledgeFile.Format.OpenForWriting(path);
        _scope = KnowledgeScopes.Ensure(_connection, scope);
        string terms = KnowledgeScopes.TableOf(_scope);
        _insertDocument = new(
            _connection,
            "INSERT INTO documents (scope, source, kind, title, bytes, modified, checked, recipe, hash, metadata) "
            + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
        _updateDocument = new(
            _connection,
            "UPDATE documents SET kind = ?1, title = ?2, bytes = ?3, modified = ?4, checked = ?5, recipe = ?6, hash = ?7, metadata = ?8 WHERE id = ?9");
        _touchDocument = new(_connection, "UPDATE documents SET modified = ?1, checked = ?2 WHERE id = ?3");
        _deleteDocument = new(_connection, "DELETE FROM documents WHERE id = ?1");
        _insertChunk = new(
            _connection,
            "INSERT INTO chunks (document, ordinal, page, heading, start, end, hash, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        _moveChunk = new(_connection, "UPDATE chunks SET ordinal = ?1, page = ?2, start = ?3, end = ?4 WHERE id = ?5");
        _deleteChunk = new(_connection, "DELETE FROM chunks WHERE id = ?1");
        _deleteVector = new(_connection, "DELETE FROM vectors WHERE chunk = ?1");
        _advance = new(_connection, KnowledgeScopes.Advance);
        _insertTerms = new(_connection, $"INSERT INTO {terms} (rowid, heading, body) VALUES (last_insert_rowid(), ?1, ?2)");
        _deleteTerms = new(_connection, $"DELETE FROM {terms} WHERE rowid = ?1");
    }

    /// <summary>All documents of the scope by source.</summary>
    public Dictionary<string, KnownDocument> Documents()
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText =
            "SELECT source, id, bytes, modified, checked, recipe, hash, metadata FROM documents WHERE scope = $scope";
        command.Parameters.AddWithValue("$scope", _scope);
        command.Transaction = _transaction;
        using SqliteDataReader row = command.ExecuteReader();
        var documents = new Dictionary<string, KnownDocument>(StringComparer.Ordinal);
        while (row.Read())
        {
            documents.Add(row.GetString(0), new KnownDocument(
                row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetString(5), row.GetFieldValue<byte[]>(6), row.GetString(7)));
        }

        return documents;
    }

    public void Begin() => _transaction ??= _connection.BeginTransaction(deferred: false);

    public void Commit()
    {
        if (_transaction is null) return;
        _advance.Bind(1, _scope).Execute();
        _transaction.Commit();
        _transaction.Dispose();
        _transaction = null;
    }

    /// <summary>Undoes what was not committed.</summary>
    public void Rollback()
    {
        _transaction?.Dispose();
        _transaction = null;
    }

    /// <summary>Puts a document in, in place of what was known under its source.</summary>
    /// <param name="document">The document.</param>
    /// <param name="known">What was known.</param>
    /// <param name="now">The time, in ticks of UTC.</param>
    /// <param name="stop">Ends it between two chunks: what was begun is then to be undone.</param>
    /// <returns>Chunks that are new.</returns>
    public int Put(PreparedDocument document, KnownDocument? known, long now, CancellationToken stop = default)
    {
        Begin();
        Dictionary<string, Queue<long>> old = known is null ? [] : ChunksByHash(known.Id);
        long id = known?.Id ?? 0;
        if (known is null) id = Insert(document, now);
        else Update(document, id, now);
        int added = 0;
        for (int i = 0; i < document.Chunks.Count; i++)
        {
            stop.ThrowIfCancellationRequested();
            PreparedChunk chunk = document.Chunks[i];
            if (old.Count > 0 && old.GetValueOrDefault(Convert.ToHexString(chunk.Hash)) is { Count: > 0 } same)
            {
                _moveChunk.Bind(1, i).Bind(2, chunk.Page).Bind(3, chunk.Start).Bind(4, chunk.End).Bind(5, same.Dequeue()).Execute();
                continue;
            }

            added++;
            _insertChunk.Bind(1, id).Bind(2, i).Bind(3, chunk.Page).Bind(4, chunk.Heading).Bind(5, chunk.Start).Bind(6, chunk.End)
                .BindBlob(7, chunk.Hash).BindText(8, chunk.Text).Execute();
            _insertTerms.BindText(1, chunk.HeadingTerms).BindText(2, chunk.Terms).Execute();
        }

        foreach (long gone in old.Values.SelectMany(ids => ids)) DeleteChunk(gone);
        return added;
    }

    /// <summary>Notes that a document was looked at again and is the same.</summary>
    public void Touch(KnownDocument document, long modified, long now)
    {
        Begin();
        _touchDocument.Bind(1, modified).Bind(2, now).Bind(3, document.Id).Execute();
    }

    /// <summary>Takes a document and all that was made of it out.</summary>
    public void Remove(KnownDocument document)
    {
        Begin();
        foreach (long chunk in ChunksByHash(document.Id).Values.SelectMany(ids => ids)) DeleteChunk(chunk);
        _deleteDocument.Bind(1, document.Id).Execute();
    }

    public void Dispose()
    {
        SqliteStatement[] statements =
        [
            _insertDocument, _updateDocument, _touchDocument, _deleteDocument, _insertChunk, _moveChunk, _deleteChunk, _insertTerms, _deleteTerms,
            _deleteVector, _advance,
        ];
        foreach (SqliteStatement statement in statements) statement.Dispose();
        _transaction?.Dispose();
        _connection.Dispose();
    }

    private long Insert(PreparedDocument document, long now)
    {
        _insertDocument.Bind(1, _scope).Bind(2, document.Source).Bind(3, document.Kind).Bind(4, document.Title).Bind(5, document.Bytes)
            .Bind(6, document.Modified).Bind(7, now).Bind(8, document.Recipe).BindBlob(9, document.Hash).Bind(10, document.Metadata).Execute();
        return SQLitePCL.raw.sqlite3_last_insert_rowid(_connection.Handle!);
    }

    private void Update(PreparedDocument document, long id, long now) =>
        _updateDocument.Bind(1, document.Kind).Bind(2, document.Title).Bind(3, document.Bytes).Bind(4, document.Modified).Bind(5, now)
            .Bind(6, document.Recipe).BindBlob(7, document.Hash).Bind(8, document.Metadata).Bind(9, id).Execute();

    private void DeleteChunk(long id)
    {
        _deleteTerms.Bind(1, id).Execute();
        _deleteVector.Bind(1, id).Execute();
        _deleteChunk.Bind(1, id).Execute();
    }

    private Dictionary<string, Queue<long>> ChunksByHash(long document)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "SELECT id, hash FROM chunks WHERE document = $document ORDER BY ordinal";
        command.Parameters.AddWithValue("$document", document);
        command.Transaction = _transaction;
        using SqliteDataReader row = command.ExecuteReader();
        var chunks = new Dictionary<string, Queue<long>>(StringComparer.Ordinal);
        while (row.Read())
        {
            string hash = Convert.ToHexString(row.GetFieldValue<byte[]>(1));
            if (!chunks.TryGetValue(hash, out Queue<long>? ids)) chunks.Add(hash, ids = []);
            ids.Enqueue(row.GetInt64(0));
        }

        return chunks;
    }
}
