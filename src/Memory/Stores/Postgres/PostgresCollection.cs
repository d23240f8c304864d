using System.Globalization;
using System.Runtime.CompilerServices;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Knowledge.Search;
using Npgsql;

namespace AgentKit.Memory.Stores.Postgres;

internal sealed class PostgresCollection(NpgsqlDataSource database, string schema, VectorStoreCollectionDefinition definition)
    : VectorStoreCollection(definition)
{
    private const int PageSize = 500;
    private const int LeastEffort = 100;
    private const int MostEffort = 1000;

    private readonly PostgresTable _table = new(database, schema, definition);

    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) =>
        TryAsync("look up", () => _table.ExistsAsync(cancellationToken));

    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => TryAsync("create", async () =>
    {
        await _table.EnsureAsync(cancellationToken).ConfigureAwait(false);
        return true;
    });

    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default) => TryAsync("delete", async () =>
    {
        await _table.DeleteAsync(cancellationToken).ConfigureAwait(false);
        return true;
    });

    internal override Task<string?> StoredShapeAsync(CancellationToken cancellationToken) => TryAsync("look up", () => _table.ShapeAsync(cancellationToken));

    private protected override Task WriteAsync(MemoryScope scope, IReadOnlyList<VectorStoreRecord> records, CancellationToken cancellationToken) =>
        RunAsync<bool>("upsert", [.. records.Select(record => Upsert(scope, record))], null, cancellationToken);

    private protected override async Task<IReadOnlyList<VectorStoreRecord>> ReadAsync(
        MemoryScope scope, IReadOnlyList<string> keys, bool vectors, CancellationToken cancellationToken) => await RunAsync(
        "get",
        [Command($"select {Columns(vectors)} from {_table.Name} r where r.scope = $1 and r.key = any($2)", scope.ToKey(), keys.ToArray())],
        row => Record(row, 0, vectors),
        cancellationToken).ConfigureAwait(false);

    private protected override async IAsyncEnumerable<VectorStoreRecord> EnumerateAsync(
        MemoryScope scope, MetadataFilter? filter, bool vectors, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string after = "";
        List<VectorStoreRecord> page;
        do
        {
            var condition = new PostgresFilter(Definition, filter, parameters: 2);
            string sql = $"""
                select {Columns(vectors)} from {_table.Name} r
                where r.scope = $1 and r.key > $2 and {condition.Condition} order by r.key limit {PageSize}
                """;
            page = await RunAsync("list", [condition.Bind(Command(sql, scope.ToKey(), after))], row => Record(row, 0, vectors), cancellationToken)
                .ConfigureAwait(false);
            foreach (VectorStoreRecord record in page)
            {
                after = record.Key;
                yield return record;
            }
        }
        while (page.Count == PageSize);
    }

    private protected override async Task<long> CountMatchesAsync(MemoryScope scope, MetadataFilter? filter, CancellationToken cancellationToken)
    {
        var condition = new PostgresFilter(Definition, filter, parameters: 1);
        NpgsqlBatchCommand count = condition.Bind(Command($"select count(*) from {_table.Name} r where r.scope = $1 and {condition.Condition}", scope.ToKey()));
        return (await RunAsync("count", [count], row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];
    }

    private protected override Task RemoveAsync(MemoryScope scope, IReadOnlyList<string> keys, CancellationToken cancellationToken) => RunAsync<bool>(
        "delete", [Command($"delete from {_table.Name} where scope = $1 and key = any($2)", scope.ToKey(), keys.ToArray())], null, cancellationToken);

    private protected override Task RemoveAsync(MemoryScope scope, MetadataFilter filter, CancellationToken cancellationToken)
    {
        var condition = new PostgresFilter(Definition, filter, parameters: 1);
        NpgsqlBatchCommand delete = condition.Bind(Command($"delete from {_table.Name} r where r.scope = $1 and {condition.Condition}", scope.ToKey()));
        return RunAsync<bool>("delete", [delete], null, cancellationToken);
    }

    private protected override async Task<IReadOnlyList<VectorSearchResult>> NearestAsync(
        MemoryScope scope, float[] vector, int top, MetadataFilter? filter, bool vectors, CancellationToken cancellationToken)
    {
        // 1. By the index. With iterative scans it goes on until enough rows match, up to a limit.
        int effort = Math.Clamp(top * 2, LeastEffort, MostEffort);
        NpgsqlBatchCommand[] byIndex =
        [
            Setting("hnsw.ef_search", $"{effort}"), Setting("hnsw.iterative_scan", "strict_order"), Nearest(scope, vector, top, filter, vectors),
        ];
        List<VectorSearchResult> found = await RunAsync("search", byIndex, row => Result(row, vectors), cancellationToken).ConfigureAwait(false);

        // 2. Where it gave up too early, or fewer match than are wanted: certainly, without it.
        if (found.Count < top)
        {
            NpgsqlBatchCommand[] exact = [Setting("enable_indexscan", "off"), Nearest(scope, vector, top, filter, vectors)];
            found = await RunAsync("search", exact, row => Result(row, vectors), cancellationToken).ConfigureAwait(false);
        }

        return [.. found.OrderByDescending(result => result.Score).ThenBy(result => result.Record.Key, StringComparer.Ordinal)];
    }

    private protected override async Task<IReadOnlyList<VectorSearchResult>> MatchingAsync(
        MemoryScope scope, IReadOnlyList<string> terms, int top, MetadataFilter? filter, bool vectors, CancellationToken cancellationToken)
    {
        var condition = new PostgresFilter(Definition, filter, parameters: 3);
        string sql = string.Create(CultureInfo.InvariantCulture, $"""
            with matches as materialized (
                select r.key, r.length, one.term, one.frequency
                from {_table.Name} r cross join lateral unnest(r.terms, r.counts) as one(term, frequency)
                where r.scope = $1 and r.terms && $2 and one.term = any($2)),
            known as (select term, count(*) as records from matches group by term),
            whole as (select count(*)::float8 as records, greatest(avg(length), 1)::float8 as mean from {_table.Name} where scope = $1),
            scored as (
                select m.key, sum(
                    greatest({Bm25.LeastWeight}::float8, ln((w.records - k.records + 0.5::float8) / (k.records + 0.5::float8)))
                    * m.frequency * {Bm25.K1 + 1}::float8
                    / (m.frequency + {Bm25.K1}::float8 * ({1 - Bm25.B}::float8 + {Bm25.B}::float8 * m.length / w.mean))) as score
                from matches m join known k on k.term = m.term cross join whole w group by m.key)
            select s.score, {Columns(vectors)} from scored s join {_table.Name} r on r.scope = $1 and r.key = s.key
            where {condition.Condition} order by s.score desc, r.key limit $3
            """);
        NpgsqlBatchCommand command = condition.Bind(Command(sql, scope.ToKey(), terms.ToArray(), top));
        return await RunAsync("search", [command], row => Result(row, vectors), cancellationToken).ConfigureAwait(false);
    }

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (object value in values) command.Parameters.Add(Parameter(value));
        return command;
    }

    private static NpgsqlParameter Parameter(object value) => new() { Value = value };

    private static NpgsqlParameter Vector(ReadOnlyMemory<float> value) => new() { Value = value, DataTypeName = "vector" };

    /// <summary>A setting until the end of the transaction.</summary>
    private static NpgsqlBatchCommand Setting(string name, string value) => Command("select set_config($1, $2, true)", name, value);

    private NpgsqlBatchCommand Nearest(MemoryScope scope, float[] vector, int top, MetadataFilter? filter, bool vectors)
    {
        var condition = new PostgresFilter(Definition, filter, parameters: 3);
        NpgsqlBatchCommand command = new($"""
            select -(r.vector <#> $2), {Columns(vectors)} from {_table.Name} r
            where r.scope = $1 and {condition.Condition} order by r.vector <#> $2 limit $3
            """);
        command.Parameters.Add(Parameter(scope.ToKey()));
        command.Parameters.Add(Vector(vector));
        command.Parameters.Add(Parameter(top));
        return condition.Bind(command);
    }

    private NpgsqlBatchCommand Upsert(MemoryScope scope, VectorStoreRecord record)
    {
        TermFrequencies frequencies = TermFrequencies.Of(record.Text);
        (string Column, NpgsqlParameter Value)[] values =
        [
            ("scope", Parameter(scope.ToKey())), ("key", Parameter(record.Key)), ("text", Parameter(record.Text)),
            ("terms", Parameter(frequencies.Counts.Keys.ToArray())), ("counts", Parameter(frequencies.Counts.Values.ToArray())),
            ("length", Parameter(frequencies.Length)),
            .. Definition.Fields.Select(field => (PostgresFilter.Column(field.Name), Parameter(record.Data.GetValueOrDefault(field.Name) ?? DBNull.Value))),
            .. Definition.Dimensions > 0 ? [("vector", Vector(record.Vector))] : Array.Empty<(string, NpgsqlParameter)>(),
        ];
        var command = new NpgsqlBatchCommand($"""
            insert into {_table.Name} ({string.Join(", ", values.Select(value => value.Column))})
            values ({string.Join(", ", values.Select((_, i) => $"${i + 1}"))})
            on conflict (scope, key) do update set {string.Join(", ", values.Skip(2).Select(value => $"{value.Column} = excluded.{value.Column}"))}
            """);
        foreach ((_, NpgsqlParameter value) in values) command.Parameters.Add(value);
        return command;
    }

    private string Columns(bool vectors) => string.Join(", ",
    [
        "r.key", "r.text", .. Definition.Fields.Select(field => $"r.{PostgresFilter.Column(field.Name)}"),
        .. vectors && Definition.Dimensions > 0 ? ["r.vector"] : Array.Empty<string>(),
    ]);

    private VectorSearchResult Result(NpgsqlDataReader row, bool vectors) => new(Record(row, 1, vectors), row.GetDouble(0));

    private VectorStoreRecord Record(NpgsqlDataReader row, int first, bool vectors)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        int at = first + 2;
        foreach (VectorStoreField field in Definition.Fields)
        {
            if (!row.IsDBNull(at)) data.Add(field.Name, row.GetValue(at));
            at++;
        }

        ReadOnlyMemory<float> vector = vectors && Definition.Dimensions > 0 ? row.GetFieldValue<ReadOnlyMemory<float>>(at) : default;
        return new VectorStoreRecord { Key = row.GetString(first), Text = row.GetString(first + 1), Data = data, Vector = vector };
    }

    /// <summary>Runs commands in one transaction.</summary>
    /// <returns>The rows of the last one.</returns>
    private Task<List<T>> RunAsync<T>(
        string operation,
        IReadOnlyList<NpgsqlBatchCommand> commands,
        Func<NpgsqlDataReader, T>? read,
        CancellationToken cancellationToken) => TryAsync(operation, async () =>
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var rows = new List<T>();
        foreach (NpgsqlBatchCommand[] some in commands.Chunk(PageSize))
        {
            await using var batch = new NpgsqlBatch(connection, transaction);
            foreach (NpgsqlBatchCommand command in some) batch.BatchCommands.Add(command);
            await using NpgsqlDataReader row = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            if (read is null) continue;
            for (int i = 1; i < some.Length; i++) await row.NextResultAsync(cancellationToken).ConfigureAwait(false);
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false)) rows.Add(read(row));
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return rows;
    });

    private async Task<T> TryAsync<T>(string operation, Func<Task<T>> run)
    {
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            throw new UserInputException(Name, $"There is no collection {Name}; make it first.", e);
        }
        catch (NpgsqlException e)
        {
            throw new VectorStoreException(PostgresVectorStore.System, Name, operation, e.Message, e);
        }
    }
}
