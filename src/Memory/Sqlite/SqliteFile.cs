using AgentKit.Kernel.Errors;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Sqlite;

/// <summary>A kind of SQLite file: opens connections, creates the tables where they are missing, and refuses files of another kind.</summary>
/// <param name="name">What messages call it: "journal".</param>
/// <param name="applicationId">Marks the file in <c>PRAGMA application_id</c>: four letters.</param>
/// <param name="version">Version of the tables, kept in <c>PRAGMA user_version</c>.</param>
/// <param name="tables">Creates the tables of this version.</param>
/// <param name="pragmas">Set on each connection that writes.</param>
/// <param name="extras">What any build may add to any file of this version, as an index that only makes it faster.</param>
internal sealed class SqliteFile(string name, int applicationId, int version, string tables, string pragmas, string? extras = null)
{
    private const int NotWritable = 8;
    private const int ReadOrWriteFailed = 10;
    private const int DiskFull = 13;
    private const int CannotOpen = 14;
    private const int NoDatabase = 26;

    /// <summary>
    /// Makes sure that there is such a file. One that is whole is only looked at: that waits for nobody who writes, and works where nobody may.
    /// </summary>
    /// <exception cref="UserInputException">The path cannot be such a file; the message says why.</exception>
    public void Ensure(string path)
    {
        if (!IsWhole(path)) OpenForWriting(path).Dispose();
    }

    /// <summary>Opens a connection for writing, creating folder, file and tables where they are missing.</summary>
    /// <exception cref="UserInputException">The path cannot be such a file; the message says why.</exception>
    public SqliteConnection OpenForWriting(string path)
    {
        if (Directory.Exists(path)) throw new UserInputException(path, $"The {name} {path} is a folder; a file is expected.");
        SqliteConnection? connection = null;
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            connection = Connect(path, SqliteOpenMode.ReadWriteCreate);
            Execute(connection, pragmas);
            if (!IsCreated(connection, path)) Create(connection, path);
            // Of what is there already this changes nothing, and waits for nobody.
            if (extras is not null) Execute(connection, extras);
            return connection;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new UserInputException(path, $"The {name} {path} cannot be opened: {Explain(e)}", e);
        }
        catch (UserInputException)
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>Opens a pooled connection for one read.</summary>
    public static SqliteConnection OpenForReading(string path) => Connect(path, SqliteOpenMode.ReadOnly);

    /// <summary>Closes the pooled connections for reading.</summary>
    public static void ClosePool(string path)
    {
        using var connection = new SqliteConnection(ConnectionString(path, SqliteOpenMode.ReadOnly));
        SqliteConnection.ClearPool(connection);
    }

    /// <summary>Whether the place where a file lies is at fault: it is full, or fails.</summary>
    public static bool IsFaultOfDisk(Exception e) => e is IOException or SqliteException { SqliteErrorCode: DiskFull or ReadOrWriteFailed };

    public static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(ConnectionString(path, mode));
        connection.Open();
        // SQLite's own waiting retries within milliseconds; the driver's would sleep 150 ms at a time.
        Execute(connection, "PRAGMA busy_timeout = 30000");
        return connection;
    }

    private static string ConnectionString(string path, SqliteOpenMode mode) =>
        new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = mode is SqliteOpenMode.ReadOnly }.ToString();

    /// <summary>Whether a file is there and has all that this build gives it. Whatever is in the way is told by whoever opens it for writing.</summary>
    private bool IsWhole(string path)
    {
        if (!File.Exists(path)) return false;
        try
        {
            using SqliteConnection connection = OpenForReading(path);
            if (!IsCreated(connection, path)) return false;
            if (extras is not null) Execute(connection, extras);
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    private void Create(SqliteConnection connection, string path)
    {
        // Immediate: of two processes that create the same file, the second waits and then finds the tables.
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        if (!IsCreated(connection, path))
        {
            Execute(connection, tables);
            Execute(connection, $"PRAGMA application_id = {applicationId}");
            Execute(connection, $"PRAGMA user_version = {version}");
        }

        transaction.Commit();
    }

    /// <exception cref="UserInputException">It is a file of another kind or version.</exception>
    private bool IsCreated(SqliteConnection connection, string path)
    {
        // One statement: it sees one state.
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            "SELECT v.user_version, a.application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version v, pragma_application_id a";
        using SqliteDataReader row = command.ExecuteReader();
        row.Read();
        (long found, long id, long objects) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
        if (found == 0 && id == 0 && objects == 0) return false;
        if (id != applicationId) throw new UserInputException(path, $"{path} is a SQLite database, but not an AgentKit {name}.");
        return found == version ? true : throw new UserInputException(
            path, $"The {name} {path} has format {found}; this version of AgentKit reads format {version}. Use a newer version.");
    }

    private static string Explain(Exception e) => e is SqliteException sqlite
        ? sqlite.SqliteErrorCode switch
        {
            NotWritable => "it is not writable.",
            CannotOpen => "the file cannot be created or read there.",
            NoDatabase => "it is not a SQLite database.",
            DiskFull => "the disk is full.",
            _ => sqlite.Message,
        }
        : e.Message;
}
