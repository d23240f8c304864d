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
            CreateOrCheck(connection, path);
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

    private void CreateOrCheck(SqliteConnection connection, string path)
    {
        // Immediate: of two processes that create the same file, the second waits and then finds the tables.
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        long found = Scalar(connection, "PRAGMA user_version");
        long id = Scalar(connection, "PRAGMA application_id");
        if (found == 0 && id == 0 && Scalar(connection, "SELECT count(*) FROM sqlite_schema") == 0)
        {
            Execute(connection, tables);
            Execute(connection, $"PRAGMA application_id = {applicationId}");
            Execute(connection, $"PRAGMA user_version = {version}");
        }
        else if (id != applicationId)
        {
            throw new UserInputException(path, $"{path} is a SQLite database, but not an AgentKit {name}.");
        }
        else if (found != version)
        {
            throw new UserInputException(
                path, $"The {name} {path} has format {found}; this version of AgentKit reads format {version}. Use a newer version.");
        }

        if (extras is not null) Execute(connection, extras);
        transaction.Commit();
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
