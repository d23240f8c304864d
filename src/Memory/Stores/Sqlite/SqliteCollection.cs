using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Search;
using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Stores.Sqlite;

internal sealed class SqliteCollection(string path, ScopeVectorCache cache, VectorStoreCollectionDefinition definition)
    : VectorStoreCollection(definition)
{
    private const int PageSize = 500;

    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.Run(
        () =>
        {
            using SqliteConnection connection = SqliteFile.OpenForReading(path);
            return Find(connection) is not null;
        },
        cancellationToken);

    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => Task.Run(
        () => Write(connection =>
        {
            using SqliteCommand command = StoreFile.Command(
                connection,
                "INSERT INTO collections (name, shape) VALUES ($name, $shape) ON CONFLICT DO NOTHING",
                ("$name", Name), ("$shape", Definition.Shape));
            command.ExecuteNonQuery();
            Find(connection);
        }),
        cancellationToken);

    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) => Task.Run(
        () =>
        {
            Write(connection =>
            {
                if (Find(connection, check: false) is not { } collection) return;
                foreach (long scope in Scopes(connection, collection))
                {
                    SqliteFile.Execute(connection, $"DROP TABLE {StoreFile.TermsOf(scope)}");
                    cache.Remove(scope);
                }

                SqliteFile.Execute(
                    connection,
                    $"""
                    DELETE FROM fields WHERE scope IN (SELECT id FROM scopes WHERE collection = {collection});
                    DELETE FROM records WHERE scope IN (SELECT id FROM scopes WHERE collection = {collection});
                    DELETE FROM scopes WHERE collection = {collection};
                    DELETE FROM collections WHERE id = {collection};
                    """);
            });
            EmptyLog();
        },
        cancellationToken);

    internal override Task<string?> StoredShapeAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using SqliteConnection connection = SqliteFile.OpenForReading(path);
            using SqliteCommand command = StoreFile.Command(connection, "SELECT shape FROM collections WHERE name = $name", ("$name", Name));
            return (string?)command.ExecuteScalar();
        },
        cancellationToken);

    private protected override Task WriteAsync(MemoryScope scope, IReadOnlyList<VectorStoreRecord> records, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            bool replaced = false;
            Write(connection =>
            {
                using var writer = new RecordWriter(connection, RecordWriter.Ensure(connection, Existing(connection), scope), Definition);
                foreach (VectorStoreRecord record in records) replaced |= writer.Put(record);
            });
            if (replaced) EmptyLog();
        },
        cancellationToken);

    private protected override Task<IReadOnlyList<VectorStoreRecord>> ReadAsync(
        MemoryScope scope, IReadOnlyList<string> keys, bool vectors, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<VectorStoreRecord>>(
        scope,
        [],
        (connection, id) =>
        {
            using SqliteCommand command = StoreFile.Command(connection, Select(vectors, "r.key = $key"), ("$scope", id), ("$key", ""));
            var found = new List<VectorStoreRecord>();
            foreach (string key in keys)
            {
                command.Parameters["$key"].Value = key;
                using SqliteDataReader row = command.ExecuteReader();
                if (row.Read()) found.Add(Record(row, vectors));
            }

            return found;
        },
        cancellationToken);

    private protected override async IAsyncEnumerable<VectorStoreRecord> EnumerateAsync(
        MemoryScope scope, MetadataFilter? filter, bool vectors, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string after = "";
        List<VectorStoreRecord> page;
        do
        {
            page = await ReadAsync(
                scope,
                [],
                (connection, id) =>
                {
                    var condition = new SqliteFilter(filter);
                    string sql = Select(vectors, $"r.key > $after AND {condition.Condition} ORDER BY r.key LIMIT {PageSize}");
                    using SqliteCommand command = condition.Bind(StoreFile.Command(connection, sql, ("$scope", id), ("$after", after)));
                    using SqliteDataReader row = command.ExecuteReader();
                    var records = new List<VectorStoreRecord>();
                    while (row.Read()) records.Add(Record(row, vectors));
                    return records;
                },
                cancellationToken).ConfigureAwait(false);
            foreach (VectorStoreRecord record in page)
            {
                after = record.Key;
                yield return record;
            }
        }
        while (page.Count == PageSize);
    }

    private protected override Task<long> CountMatchesAsync(MemoryScope scope, MetadataFilter? filter, CancellationToken cancellationToken) => ReadAsync(
        scope,
        0L,
        (connection, id) =>
        {
            var condition = new SqliteFilter(filter);
            string sql = $"SELECT count(*) FROM records r WHERE r.scope = $scope AND {condition.Condition}";
            using SqliteCommand command = condition.Bind(StoreFile.Command(connection, sql, ("$scope", id)));
            return (long)command.ExecuteScalar()!;
        },
        cancellationToken);

    private protected override Task RemoveAsync(MemoryScope scope, IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        RemoveAsync(
            scope,
            (connection, id) =>
            {
                using SqliteCommand command = StoreFile.Command(
                    connection, "SELECT id FROM records WHERE scope = $scope AND key = $key", ("$scope", id), ("$key", ""));
                var found = new List<long>();
                foreach (string key in keys)
                {
                    command.Parameters["$key"].Value = key;
                    if (command.ExecuteScalar() is long record) found.Add(record);
                }

                return found;
            },
            cancellationToken);

    private protected override Task RemoveAsync(MemoryScope scope, MetadataFilter filter, CancellationToken cancellationToken) =>
        RemoveAsync(scope, (connection, id) => Ids(connection, id, filter), cancellationToken);

    private protected override Task<IReadOnlyList<VectorSearchResult>> NearestAsync(
        MemoryScope scope, float[] vector, int top, MetadataFilter? filter, bool vectors, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<VectorSearchResult>>(
            scope,
            [],
            (connection, id) =>
            {
                List<long>? allowed = filter is null ? null : Ids(connection, id, filter);
                List<(long Id, float Score)> nearest = cache.Of(id).Nearest(connection, vector, top, allowed);
                cache.Trim();
                return Results(connection, id, nearest.Select(one => (one.Id, (double)one.Score)), top, vectors);
            },
            cancellationToken);

    private protected override Task<IReadOnlyList<VectorSearchResult>> MatchingAsync(
        MemoryScope scope, IReadOnlyList<string> terms, int top, MetadataFilter? filter, bool vectors, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<VectorSearchResult>>(
            scope,
            [],
            (connection, id) =>
            {
                var condition = new SqliteFilter(filter);
                string table = StoreFile.TermsOf(id);
                string sql = $"""
                    SELECT t.rowid, -t.rank FROM {table} t JOIN records r ON r.id = t.rowid
                    WHERE {table} MATCH $query AND r.scope = $scope AND {condition.Condition} ORDER BY t.rank, r.key LIMIT {top}
                    """;
                string query = string.Join(" OR ", terms.Select(term => $"\"{term}\""));
                using SqliteCommand command = condition.Bind(StoreFile.Command(connection, sql, ("$scope", id), ("$query", query)));
                var found = new List<(long, double)>();
                using (SqliteDataReader row = command.ExecuteReader())
                {
                    while (row.Read()) found.Add((row.GetInt64(0), row.GetDouble(1)));
                }

                return Results(connection, id, found, top, vectors);
            },
            cancellationToken);

    private static string Select(bool vectors, string condition) =>
        $"SELECT r.key, r.text, r.data, {(vectors ? "r.vector" : "NULL")} FROM records r WHERE r.scope = $scope AND {condition}";

    private static VectorStoreRecord Record(SqliteDataReader row, bool vectors) => new()
    {
        Key = row.GetString(0),
        Text = row.GetString(1),
        Data = StoreFile.Read(row.GetString(2)),
        Vector = vectors ? MemoryMarshal.Cast<byte, float>(row.GetFieldValue<byte[]>(3)).ToArray() : default,
    };

    private static List<VectorSearchResult> Results(
        SqliteConnection connection, long scope, IEnumerable<(long Id, double Score)> found, int top, bool vectors)
    {
        using SqliteCommand command = StoreFile.Command(connection, Select(vectors, "r.id = $id"), ("$scope", scope), ("$id", 0L));
        var results = new List<VectorSearchResult>();
        foreach ((long id, double score) in found)
        {
            command.Parameters["$id"].Value = id;
            using SqliteDataReader row = command.ExecuteReader();
            if (row.Read()) results.Add(new VectorSearchResult(Record(row, vectors), score));
        }

        return [.. results.OrderByDescending(result => result.Score).ThenBy(result => result.Record.Key, StringComparer.Ordinal).Take(top)];
    }

    private static List<long> Ids(SqliteConnection connection, long scope, MetadataFilter filter)
    {
        var condition = new SqliteFilter(filter);
        using SqliteCommand command = condition.Bind(StoreFile.Command(
            connection, $"SELECT r.id FROM records r WHERE r.scope = $scope AND {condition.Condition}", ("$scope", scope)));
        using SqliteDataReader row = command.ExecuteReader();
        var ids = new List<long>();
        while (row.Read()) ids.Add(row.GetInt64(0));
        return ids;
    }

    private static List<long> Scopes(SqliteConnection connection, long collection)
    {
        using SqliteCommand command = StoreFile.Command(
            connection, "SELECT id FROM scopes WHERE collection = $collection", ("$collection", collection));
        using SqliteDataReader row = command.ExecuteReader();
        var scopes = new List<long>();
        while (row.Read()) scopes.Add(row.GetInt64(0));
        return scopes;
    }

    private async Task RemoveAsync(MemoryScope scope, Func<SqliteConnection, long, List<long>> find, CancellationToken cancellationToken) => await Task.Run(
        () =>
        {
            int removed = 0;
            Write(connection =>
            {
                if (RecordWriter.Find(connection, Existing(connection), scope) is not { } id) return;
                using var writer = new RecordWriter(connection, id, Definition);
                foreach (long record in find(connection, id))
                {
                    writer.Remove(record);
                    removed++;
                }
            });
            if (removed > 0) EmptyLog();
        },
        cancellationToken).ConfigureAwait(false);

    /// <summary>Reads in one state of the file.</summary>
    private Task<T> ReadAsync<T>(MemoryScope scope, T empty, Func<SqliteConnection, long, T> read, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using SqliteConnection connection = SqliteFile.OpenForReading(path);
            using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
            return RecordWriter.Find(connection, Existing(connection), scope) is { } id ? read(connection, id) : empty;
        },
        cancellationToken);

    private void Write(Action<SqliteConnection> write)
    {
        using SqliteConnection connection = StoreFile.Format.OpenForWriting(path);
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        write(connection);
        transaction.Commit();
    }

    /// <summary>What was removed or replaced must not live on in the log.</summary>
    /// <exception cref="VectorStoreException">Somebody reads an earlier state of the file all the time that is waited.</exception>
    private void EmptyLog()
    {
        using SqliteConnection connection = StoreFile.Format.OpenForWriting(path);
        if (SqliteFile.Scalar(connection, "PRAGMA wal_checkpoint(TRUNCATE)") == 0) return;
        throw new VectorStoreException(
            "sqlite", Name, "empty the log",
            $"it is done, but the bytes of what was removed or replaced are still in {path}-wal, because another program reads the file; "
            + "they go when it ends and something is replaced or removed again");
    }

    private long Existing(SqliteConnection connection) =>
        Find(connection) ?? throw new UserInputException(Name, $"There is no collection {Name}; make it first.");

    private long? Find(SqliteConnection connection, bool check = true)
    {
        using SqliteCommand command = StoreFile.Command(connection, "SELECT id, shape FROM collections WHERE name = $name", ("$name", Name));
        using SqliteDataReader row = command.ExecuteReader();
        if (!row.Read()) return null;
        if (check) Definition.CheckShape(row.GetString(1));
        return row.GetInt64(0);
    }
}
