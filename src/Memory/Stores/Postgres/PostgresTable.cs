using System.Globalization;
using AgentKit.Kernel.Errors;
using Npgsql;

namespace AgentKit.Memory.Stores.Postgres;

/// <summary>Makes and removes the table of a collection; <c>docs/formats.md</c> describes it.</summary>
internal sealed class PostgresTable(NpgsqlDataSource database, string schema, VectorStoreCollectionDefinition definition)
{
    /// <summary>More dimensions than this pgvector cannot index; they are compared one by one.</summary>
    private const int MostIndexedDimensions = 2000;

    private static readonly Version LeastVersion = new(0, 8, 0);

    /// <summary>The table, as SQL names it.</summary>
    public string Name { get; } = $"\"{schema}\".\"records_{definition.Name}\"";

    private string Collections { get; } = $"\"{schema}\".\"collections\"";

    public async Task<bool> ExistsAsync(CancellationToken cancellationToken) => await ShapeAsync(cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>The shape the collection was made with, <c>null</c> when it is not there.</summary>
    public async Task<string?> ShapeAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return await ShapeAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    /// <exception cref="UserInputException">The server has no pgvector, or one that is too old; or the collection has another shape.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        if (await ShapeAsync(connection, cancellationToken).ConfigureAwait(false) is not { } shape)
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            // Two that make the same at once would disturb each other; the second waits.
            await ExecuteAsync(connection, "select pg_advisory_xact_lock(hashtext('agentkit'))", cancellationToken).ConfigureAwait(false);
            shape = await ShapeAsync(connection, cancellationToken).ConfigureAwait(false) ?? await CreateAsync(connection, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        definition.CheckShape(shape);
        // The type "vector" may be newer than what the driver has read of the server.
        await connection.ReloadTypesAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        if (await ShapeAsync(connection, cancellationToken).ConfigureAwait(false) is null) return;
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, $"drop table if exists {Name}; delete from {Collections} where name = '{definition.Name}'", cancellationToken)
            .ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<string?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
    }

    /// <summary>The shape with which it was made, <c>null</c> when it was not.</summary>
    private async Task<string?> ShapeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        string table = $"select to_regclass('{Collections}')::text";
        if (await ScalarAsync(connection, table, cancellationToken).ConfigureAwait(false) is null) return null;
        return await ScalarAsync(connection, $"select shape from {Collections} where name = '{definition.Name}'", cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> CreateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, $"create schema if not exists \"{schema}\"", cancellationToken).ConfigureAwait(false);
        if (definition.Dimensions > 0) await EnsureExtensionAsync(connection, cancellationToken).ConfigureAwait(false);
        string sql = $"""
            create table if not exists {Collections} (name text primary key, shape text not null);
            create table {Name} (
                scope  text collate "C" not null,
                key    text collate "C" not null,
                text   text not null,
                terms  text[] collate "C" not null,
                counts integer[] not null,
                length integer not null,
                {Columns()}
                primary key (scope, key)
            );
            create index on {Name} using gin (terms);
            {Indexes()}
            """;
        await ExecuteAsync(connection, sql, cancellationToken).ConfigureAwait(false);
        await using var note = new NpgsqlCommand($"insert into {Collections} (name, shape) values ($1, $2)", connection);
        note.Parameters.Add(new NpgsqlParameter { Value = definition.Name });
        note.Parameters.Add(new NpgsqlParameter { Value = definition.Shape });
        await note.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return definition.Shape;
    }

    private string Columns()
    {
        string vector = definition.Dimensions > 0 ? string.Create(CultureInfo.InvariantCulture, $"vector vector({definition.Dimensions}) not null,") : "";
        return string.Concat(definition.Fields.Select(field => $"{PostgresFilter.Column(field.Name)} {Type(field.Type)},\n    ")) + vector;
    }

    private string Indexes()
    {
        // Vectors have length 1: the inner product is the cosine, and a vector of zeros is near to nothing instead of being no number.
        string vector = definition.Dimensions is > 0 and <= MostIndexedDimensions
            ? $"create index on {Name} using hnsw (vector vector_ip_ops) with (m = 16, ef_construction = 64);\n"
            : "";
        return vector + string.Concat(definition.Fields.Where(field => field.IsIndexed).Select(Index));
    }

    private string Index(VectorStoreField field) => field.Type is VectorStoreFieldType.Keywords
        ? $"create index on {Name} using gin ({PostgresFilter.Column(field.Name)});\n"
        : $"create index on {Name} (scope, {PostgresFilter.Column(field.Name)});\n";

    private static string Type(VectorStoreFieldType type) => type switch
    {
        VectorStoreFieldType.Number => "double precision",
        VectorStoreFieldType.Keywords => "text[] collate \"C\"",
        _ => "text collate \"C\"",
    };

    private static async Task EnsureExtensionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string Installed = "select extversion from pg_extension where extname = 'vector'";
        const string Hint = "docs/memory.md tells how to install it.";
        string? found = await ScalarAsync(connection, Installed, cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            const string Available = "select default_version from pg_available_extensions where name = 'vector'";
            if (await ScalarAsync(connection, Available, cancellationToken).ConfigureAwait(false) is null)
                throw new UserInputException("store", $"The PostgreSQL server does not have the extension pgvector; {Hint}");
            await ExecuteAsync(connection, "create extension if not exists vector", cancellationToken).ConfigureAwait(false);
            found = await ScalarAsync(connection, Installed, cancellationToken).ConfigureAwait(false);
        }

        if (Version.TryParse(found, out Version? version) && version < LeastVersion)
        {
            throw new UserInputException(
                "store", $"The PostgreSQL server has pgvector {found}; {LeastVersion} or newer is needed, for searches with filters to find enough. {Hint}");
        }
    }
}
