using System.Globalization;
using System.Runtime.InteropServices;
using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Stores.Sqlite;

/// <summary>Writes records of one scope within a transaction of its caller.</summary>
internal sealed class RecordWriter : IDisposable
{
    // A contentless table whose removals are told with the terms, so that they can be taken out of the index physically.
    private const string FullTextOptions = "content='', tokenize='ascii'";

    private readonly SqliteConnection _connection;
    private readonly long _scope;
    private readonly VectorStoreCollectionDefinition _definition;
    private readonly long _change;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _update;
    private readonly SqliteStatement _delete;
    private readonly SqliteStatement _insertTerms;
    private readonly SqliteStatement _deleteTerms;
    private readonly SqliteStatement _insertField;
    private readonly SqliteStatement _insertNumber;
    private readonly SqliteStatement _deleteFields;
    private readonly SqliteStatement _removal;

    public RecordWriter(SqliteConnection connection, long scope, VectorStoreCollectionDefinition definition)
    {
        (_connection, _scope, _definition) = (connection, scope, definition);
        using SqliteCommand advance = StoreFile.Command(
            connection, "UPDATE scopes SET changes = changes + 1 WHERE id = $scope RETURNING changes", ("$scope", scope));
        _change = (long)advance.ExecuteScalar()!;
        string terms = StoreFile.TermsOf(scope);
        _insert = new(connection, "INSERT INTO records (scope, key, text, terms, data, vector, change) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        _update = new(connection, "UPDATE records SET text = ?1, terms = ?2, data = ?3, vector = ?4, change = ?5 WHERE id = ?6");
        _delete = new(connection, "DELETE FROM records WHERE id = ?1");
        _insertTerms = new(connection, $"INSERT INTO {terms} (rowid, body) VALUES (?1, ?2)");
        _deleteTerms = new(connection, $"INSERT INTO {terms} ({terms}, rowid, body) SELECT 'delete', id, terms FROM records WHERE id = ?1");
        _insertField = new(connection, "INSERT OR IGNORE INTO fields (scope, name, value, record) VALUES (?1, ?2, ?3, ?4)");
        _insertNumber = new(connection, "INSERT OR IGNORE INTO fields (scope, name, value, record) VALUES (?1, ?2, CAST(?3 AS REAL), ?4)");
        _deleteFields = new(connection, "DELETE FROM fields WHERE record = ?1");
        _removal = new(connection, "UPDATE scopes SET removals = removals + 1 WHERE id = ?1");
    }

    /// <returns>The number of a scope, <c>null</c> when nothing was ever written to it.</returns>
    public static long? Find(SqliteConnection connection, long collection, MemoryScope scope)
    {
        using SqliteCommand command = StoreFile.Command(
            connection, "SELECT id FROM scopes WHERE collection = $collection AND scope = $scope", ("$collection", collection), ("$scope", scope.ToKey()));
        return (long?)command.ExecuteScalar();
    }

    /// <summary>The number of a scope; makes it where it is new.</summary>
    public static long Ensure(SqliteConnection connection, long collection, MemoryScope scope)
    {
        if (Find(connection, collection, scope) is { } known) return known;
        using SqliteCommand command = StoreFile.Command(
            connection,
            "INSERT INTO scopes (collection, scope) VALUES ($collection, $scope) RETURNING id",
            ("$collection", collection), ("$scope", scope.ToKey()));
        long id = (long)command.ExecuteScalar()!;
        string terms = StoreFile.TermsOf(id);
        SqliteFile.Execute(connection, $"CREATE VIRTUAL TABLE {terms} USING fts5(body, {FullTextOptions})");
        SqliteFile.Execute(connection, $"INSERT INTO {terms} ({terms}, rank) VALUES ('secure-delete', 1)");
        return id;
    }

    public void Put(VectorStoreRecord record)
    {
        string terms = TermsOf(record.Text);
        string data = StoreFile.Write(record.Data);
        ReadOnlySpan<byte> vector = MemoryMarshal.AsBytes(record.Vector.Span);
        using SqliteCommand find = StoreFile.Command(
            _connection, "SELECT id FROM records WHERE scope = $scope AND key = $key", ("$scope", _scope), ("$key", record.Key));
        if (find.ExecuteScalar() is long id)
        {
            _deleteTerms.Bind(1, id).Execute();
            _deleteFields.Bind(1, id).Execute();
            _update.Bind(1, record.Text).Bind(2, terms).Bind(3, data).BindBlob(4, vector).Bind(5, _change).Bind(6, id).Execute();
        }
        else
        {
            _insert.Bind(1, _scope).Bind(2, record.Key).Bind(3, record.Text).Bind(4, terms).Bind(5, data).BindBlob(6, vector).Bind(7, _change).Execute();
            id = SQLitePCL.raw.sqlite3_last_insert_rowid(_connection.Handle!);
        }

        _insertTerms.Bind(1, id).Bind(2, terms).Execute();
        foreach (VectorStoreField field in _definition.Fields.Where(field => field.IsIndexed && record.Data.ContainsKey(field.Name)))
            Put(id, field.Name, record.Data[field.Name]);
    }

    public void Remove(long id)
    {
        _deleteTerms.Bind(1, id).Execute();
        _deleteFields.Bind(1, id).Execute();
        _delete.Bind(1, id).Execute();
        _removal.Bind(1, _scope).Execute();
    }

    public void Dispose()
    {
        SqliteStatement[] statements =
        [
            _insert, _update, _delete, _insertTerms, _deleteTerms, _insertField, _insertNumber, _deleteFields, _removal,
        ];
        foreach (SqliteStatement statement in statements) statement.Dispose();
    }

    private static string TermsOf(string text)
    {
        var terms = new System.Text.StringBuilder();
        foreach ((string term, int count) in TermFrequencies.Of(text).Counts)
        {
            for (int i = 0; i < count; i++) terms.Append(term).Append(' ');
        }

        return terms.ToString();
    }

    private void Put(long record, string field, object value)
    {
        switch (value)
        {
            case double number:
                _insertNumber.Bind(1, _scope).Bind(2, field).Bind(3, number.ToString("R", CultureInfo.InvariantCulture)).Bind(4, record).Execute();
                break;
            case string text:
                _insertField.Bind(1, _scope).Bind(2, field).Bind(3, text).Bind(4, record).Execute();
                break;
            case string[] texts:
                foreach (string text in texts) _insertField.Bind(1, _scope).Bind(2, field).Bind(3, text).Bind(4, record).Execute();
                break;
        }
    }
}
