using System.Globalization;
using System.Text;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Tools;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AgentKit.Tools.BuiltIn.Databases;

/// <summary>
/// Answers one SELECT over one SQLite file. The file is opened for reading, and SQLite itself is told to refuse everything but reading:
/// no other file can be attached, no setting changed, no extension loaded.
/// </summary>
internal sealed class QueryDatabaseTool : BuiltInTool
{
    /// <summary>Bytes of one text or blob that a query may make: a query must not use up the memory.</summary>
    private const int LongestValue = 10_000_000;

    private const int StepsBetweenLooks = 1000;

    /// <summary>Settings that only tell something, and only about this file.</summary>
    private static readonly HashSet<string> HarmlessPragmas = new(StringComparer.OrdinalIgnoreCase)
    {
        "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list",
    };

    private readonly DatabaseOptions _options;
    private readonly TimeProvider _time;
    private readonly string _path;

    /// <exception cref="UserInputException">There is no such file, or it is no database.</exception>
    public QueryDatabaseTool(DatabaseOptions options, TimeProvider time)
        : base("query_database", "Answer an SQL query (SELECT, SQLite) over the database.", "sql", new ToolContract(ToolReplay.Idempotent, SideEffect.LocalRead))
    {
        (_options, _time, _path) = (options, time, Path.GetFullPath(options.Path));
        if (!File.Exists(_path)) throw new UserInputException("database", $"there is no database {_path}");
        try
        {
            using SqliteConnection connection = Open();
            using SqliteCommand look = connection.CreateCommand();
            look.CommandText = "SELECT count(*) FROM sqlite_schema";
            look.ExecuteScalar();
        }
        catch (SqliteException e)
        {
            throw new UserInputException("database", $"{_path} is no SQLite database: {e.Message}", e);
        }
    }

    protected override async ValueTask<string> RunAsync(string argument, CancellationToken cancellationToken)
    {
        // SQLite works on the calling thread.
        return await Task.Run(() => Query(argument, cancellationToken), cancellationToken);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private string Query(string sql, CancellationToken cancellationToken)
    {
        long started = _time.GetTimestamp();
        bool IsOver() => cancellationToken.IsCancellationRequested || _time.GetElapsedTime(started) > _options.Timeout;
        try
        {
            using SqliteConnection connection = Open();
            sqlite3 database = connection.Handle!;
            raw.sqlite3_limit(database, raw.SQLITE_LIMIT_LENGTH, LongestValue);
            raw.sqlite3_limit(database, raw.SQLITE_LIMIT_ATTACHED, 0);
            raw.sqlite3_set_authorizer(database, Authorize, null);
            raw.sqlite3_progress_handler(database, StepsBetweenLooks, _ => IsOver() ? 1 : 0, null);
            return Run(database, sql);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ToolException($"the query took longer than {_options.Timeout.TotalSeconds:0.#} seconds and was ended", e);
        }
        catch (SqliteException e)
        {
            throw new ToolException($"the database says: {Said(e)}", e);
        }
    }

    private string Run(sqlite3 database, string sql)
    {
        Check(database, raw.sqlite3_prepare_v2(database, sql, out sqlite3_stmt statement, out string rest));
        using (statement)
        {
            if (statement.IsInvalid) throw new ToolException("the query is empty");
            if (!IsBlank(rest)) throw new ToolException("one query at a time: there is more text after the first ';'");
            if (raw.sqlite3_stmt_readonly(statement) == 0 || raw.sqlite3_column_count(statement) == 0) throw new ToolException("only queries that read are allowed");
            return Rows(database, statement);
        }
    }

    private string Rows(sqlite3 database, sqlite3_stmt statement)
    {
        int columns = raw.sqlite3_column_count(statement);
        var text = new StringBuilder();
        text.AppendJoin('\t', Enumerable.Range(0, columns).Select(column => Cell(raw.sqlite3_column_name(statement, column).utf8_to_string())));
        int rows = 0;
        while (true)
        {
            int code = raw.sqlite3_step(statement);
            if (code == raw.SQLITE_DONE) break;
            if (code != raw.SQLITE_ROW) Check(database, code);
            if (rows == _options.MaxRows) return $"{text}\n[the first {rows} rows; there are more]";
            string row = string.Join('\t', Enumerable.Range(0, columns).Select(column => Value(statement, column)));
            if (text.Length + row.Length + 1 > _options.MaxCharacters) return $"{text}\n[{rows} rows; the next does not fit into {_options.MaxCharacters} characters]";
            text.Append('\n').Append(row);
            rows++;
        }

        return rows == 0 ? $"{text}\n(no rows)" : text.ToString();
    }

    private static string Value(sqlite3_stmt statement, int column) => raw.sqlite3_column_type(statement, column) switch
    {
        raw.SQLITE_NULL => "NULL",
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(statement, column).ToString(CultureInfo.InvariantCulture),
        raw.SQLITE_FLOAT => raw.sqlite3_column_double(statement, column).ToString("R", CultureInfo.InvariantCulture),
        raw.SQLITE_BLOB => $"[{raw.sqlite3_column_bytes(statement, column)} bytes]",
        _ => Cell(raw.sqlite3_column_text(statement, column).utf8_to_string()),
    };

    /// <summary>A cell stays in its row and column.</summary>
    private static string Cell(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\t", "\\t", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);

    /// <summary>SQLite asks before it prepares each part of a query.</summary>
    private static int Authorize(object? state, int action, utf8z first, utf8z second, utf8z database, utf8z trigger) => action switch
    {
        raw.SQLITE_SELECT or raw.SQLITE_READ or raw.SQLITE_RECURSIVE => raw.SQLITE_OK,
        raw.SQLITE_FUNCTION => second.utf8_to_string() is "load_extension" or "writefile" or "readfile" or "edit" or "fts3_tokenizer" ? raw.SQLITE_DENY : raw.SQLITE_OK,
        raw.SQLITE_PRAGMA => HarmlessPragmas.Contains(first.utf8_to_string() ?? "") ? raw.SQLITE_OK : raw.SQLITE_DENY,
        _ => raw.SQLITE_DENY,
    };

    /// <summary>Whether what follows the first statement is nothing but blanks, semicolons and comments.</summary>
    private static bool IsBlank(string rest)
    {
        for (int i = 0; i < rest.Length; i++)
        {
            if (char.IsWhiteSpace(rest[i]) || rest[i] == ';') continue;
            (string close, int length) = rest.AsSpan(i).StartsWith("--", StringComparison.Ordinal) ? ("\n", 1)
                : rest.AsSpan(i).StartsWith("/*", StringComparison.Ordinal) ? ("*/", 2) : ("", 0);
            if (length == 0) return false;
            int end = rest.IndexOf(close, i + 2, StringComparison.Ordinal);
            if (end < 0) return true;
            i = end + length - 1;
        }

        return true;
    }

    private static void Check(sqlite3 database, int code)
    {
        if (code != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(code, database);
    }

    /// <summary>What SQLite said, without what the driver puts around it.</summary>
    private static string Said(SqliteException e)
    {
        int start = e.Message.IndexOf('\'', StringComparison.Ordinal);
        return start >= 0 ? e.Message[(start + 1)..].TrimEnd('.', '\'') : e.Message;
    }
}
