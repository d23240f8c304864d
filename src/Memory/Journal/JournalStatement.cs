using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AgentKit.Memory.Journal;

/// <summary>
/// A prepared statement without results, bound by position. The driver binds by name and makes several objects for each execution; the two
/// statements that every append needs are executed too often for that.
/// </summary>
internal sealed class JournalStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public JournalStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    public JournalStatement Bind(int position, string value)
    {
        Check(raw.sqlite3_bind_text(_statement, position, value));
        return this;
    }

    public JournalStatement Bind(int position, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, position, value));
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
