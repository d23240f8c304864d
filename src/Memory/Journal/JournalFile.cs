using AgentKit.Kernel.Errors;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Journal;

/// <summary>Opens connections to a journal file and creates its tables; <c>docs/formats.md</c> describes them.</summary>
internal static class JournalFile
{
    /// <summary>Version of the tables, kept in <c>PRAGMA user_version</c>.</summary>
    public const int Version = 1;

    /// <summary>Marks the file as an AgentKit journal in <c>PRAGMA application_id</c>: "AKJ1".</summary>
    private const int ApplicationId = 0x414B4A31;

    private const string Tables = """
        CREATE TABLE runs (
            run_id  TEXT PRIMARY KEY,
            version INTEGER NOT NULL,
            status  TEXT NOT NULL,
            agent   TEXT NOT NULL,
            task    TEXT NOT NULL,
            owner   TEXT NOT NULL,
            started TEXT NOT NULL,
            steps   INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX runs_by_age ON runs (started DESC, run_id DESC);
        CREATE TABLE events (
            run_id  TEXT NOT NULL,
            version INTEGER NOT NULL,
            schema  INTEGER NOT NULL,
            at      TEXT NOT NULL,
            event   TEXT NOT NULL,
            PRIMARY KEY (run_id, version)
        );
        """;

    // Not part of the format: any build keeps an index up to date, and one without it only lists more slowly.
    private const string UnfinishedIndex =
        "CREATE INDEX IF NOT EXISTS runs_unfinished ON runs (started DESC, run_id DESC) WHERE status NOT IN ('completed', 'failed')";

    /// <summary>Opens the writer's connection, creating folder, file and tables where they are missing.</summary>
    /// <exception cref="UserInputException">The path cannot be a journal; the message says why.</exception>
    public static SqliteConnection OpenForWriting(string path)
    {
        if (Directory.Exists(path)) throw new UserInputException(path, $"The journal {path} is a folder; a file is expected.");
        SqliteConnection? connection = null;
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            connection = Connect(path, SqliteOpenMode.ReadWriteCreate);
            // WAL: readers and the writer do not wait for each other. FULL: a commit is on the disk when it returns, also when the power
            // fails; the price, one fsync, is shared by all appends that wait for it.
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(connection, "PRAGMA synchronous = FULL");
            CreateOrCheck(connection, path);
            return connection;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new UserInputException(path, $"The journal {path} cannot be opened: {Explain(e)}", e);
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

    private static void CreateOrCheck(SqliteConnection connection, string path)
    {
        // Immediate: of two processes that create the same file, the second waits and then finds the tables.
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        long version = Scalar(connection, "PRAGMA user_version");
        long id = Scalar(connection, "PRAGMA application_id");
        if (version == 0 && id == 0 && Scalar(connection, "SELECT count(*) FROM sqlite_schema") == 0)
        {
            Execute(connection, Tables);
            Execute(connection, $"PRAGMA application_id = {ApplicationId}");
            Execute(connection, $"PRAGMA user_version = {Version}");
        }
        else if (id != ApplicationId)
        {
            throw new UserInputException(path, $"{path} is a SQLite database, but not an AgentKit journal.");
        }
        else if (version != Version)
        {
            throw new UserInputException(
                path, $"The journal {path} has format {version}; this version of AgentKit reads format {Version}. Use a newer version.");
        }

        Execute(connection, UnfinishedIndex);
        transaction.Commit();
    }

    private static string Explain(Exception e) => e is SqliteException sqlite
        ? sqlite.SqliteErrorCode switch
        {
            8 => "it is not writable.",
            14 => "the file cannot be created or read there.",
            26 => "it is not a SQLite database.",
            _ => sqlite.Message,
        }
        : e.Message;

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
