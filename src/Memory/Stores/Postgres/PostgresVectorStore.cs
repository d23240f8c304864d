using AgentKit.Kernel.Errors;
using Npgsql;

namespace AgentKit.Memory.Stores.Postgres;

/// <summary>
/// Records in PostgreSQL with pgvector 0.8.0 or newer: an HNSW index (Malkov and Yashunin 2018) with iterative scans, and an exact scan wherever that
/// finds fewer than are wanted; keyword search by a GIN index over the terms. Vectors of more than 2,000 dimensions are scanned.
/// </summary>
public sealed class PostgresVectorStore : VectorStore
{
    internal const string System = "postgresql";

    private readonly NpgsqlDataSource _database;
    private readonly string _schema;

    private PostgresVectorStore(NpgsqlDataSource database, string schema) => (_database, _schema) = (database, schema);

    /// <inheritdoc/>
    public override string SystemName => System;

    /// <summary>A store in a database; nothing is connected yet.</summary>
    /// <param name="address"><c>postgres://user:password@host:5432/database?sslmode=require</c>, or a connection string of Npgsql.</param>
    /// <param name="schema">The schema for its tables, made where it is missing.</param>
    /// <exception cref="UserInputException">The address is none.</exception>
    public static PostgresVectorStore Open(string address, string schema = "agentkit")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        ArgumentException.ThrowIfNullOrWhiteSpace(schema);
        if (!schema.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
            throw new UserInputException("schema", $"The schema is '{schema}'; small letters, digits and '_' are allowed.");
        var builder = new NpgsqlDataSourceBuilder(PostgresAddress.ToConnectionString(address));
        builder.AddTypeInfoResolverFactory(new VectorTypeResolver());
        return new PostgresVectorStore(builder.Build(), schema);
    }

    /// <inheritdoc/>
    public override VectorStoreCollection GetCollection(VectorStoreCollectionDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return new PostgresCollection(_database, _schema, definition);
    }

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<string>> ListCollectionNamesAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await using NpgsqlCommand command = _database.CreateCommand($"select name from \"{_schema}\".\"collections\" order by name");
            await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            var names = new List<string>();
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false)) names.Add(row.GetString(0));
            return names;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return [];
        }
        catch (NpgsqlException e)
        {
            throw new VectorStoreException(System, "*", "list", e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _database.DisposeAsync();
}
