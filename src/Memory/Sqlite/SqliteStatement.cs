using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AgentKit.Memory.Sqlite;

/// <summary>
/// A prepared statement bound by position. The driver binds by name and makes several objects for each execution; statements that run for
/// every chunk are executed too often for that.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    public SqliteStatement Bind(int position, string? value)
    {
        Check(value is null ? raw.sqlite3_bind_null(_statement, position) : raw.sqlite3_bind_text(_statement, position, value));
        return this;
    }

    public SqliteStatement Bind(int position, long? value)
    {
        Check(value is { } number ? raw.sqlite3_bind_int64(_statement, position, number) : raw.sqlite3_bind_null(_statement, position));
        return this;
    }

    /// <param name="position">From 1.</param>
    /// <param name="utf8">Text in UTF-8.</param>
    public SqliteStatement BindText(int position, ReadOnlySpan<byte> utf8)
    {
        Check(utf8.IsEmpty ? raw.sqlite3_bind_text(_statement, position, "") : raw.sqlite3_bind_text(_statement, position, utf8));
        return this;
    }

    public SqliteStatement BindBlob(int position, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_blob(_statement, position, value));
        return this;
    }

    /// <returns>Rows changed.</returns>
    /// <exception cref="SqliteException">It failed, as the driver would say it.</exception>
    public int Execute()
    {
        int code = raw.sqlite3_step(_statement);
        int changed = raw.sqlite3_changes(_database);
        raw.sqlite3_reset(_statement);
        if (code != raw.SQLITE_DONE) Check(code);
        return changed;
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(code, _database);
    }
}
