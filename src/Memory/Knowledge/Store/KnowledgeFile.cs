using AgentKit.Kernel.Errors;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Store;

/// <summary>Opens connections to a knowledge file and creates its tables; <c>docs/formats.md</c> describes them.</summary>
internal static class KnowledgeFile
{
    /// <summary>Version of the tables, kept in <c>PRAGMA user_version</c>.</summary>
    public const int Version = 1;

    /// <summary>Marks the file as AgentKit knowledge in <c>PRAGMA application_id</c>: "AKK1".</summary>
    private const int ApplicationId = 0x414B4B31;

    private const string Tables = """
        CREATE TABLE scopes (
            id         INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant     TEXT NOT NULL,
            collection TEXT NOT NULL,
            user       TEXT NOT NULL,
            agent      TEXT NOT NULL,
            embedder   TEXT NOT NULL DEFAULT '',
            generation INTEGER NOT NULL DEFAULT 0,
            UNIQUE (tenant, collection, user, agent)
        );
        CREATE TABLE documents (
            id       INTEGER PRIMARY KEY AUTOINCREMENT,
            scope    INTEGER NOT NULL REFERENCES scopes (id),
            source   TEXT NOT NULL,
            kind     TEXT NOT NULL,
            title    TEXT NOT NULL,
            bytes    INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            checked  INTEGER NOT NULL,
            recipe   TEXT NOT NULL,
            hash     BLOB NOT NULL,
            metadata TEXT NOT NULL,
            UNIQUE (scope, source)
        );
        CREATE TABLE chunks (
            id       INTEGER PRIMARY KEY AUTOINCREMENT,
            document INTEGER NOT NULL REFERENCES documents (id),
            ordinal  INTEGER NOT NULL,
            page     INTEGER,
            heading  TEXT NOT NULL,
            start    INTEGER NOT NULL,
            end      INTEGER NOT NULL,
            hash     BLOB NOT NULL,
            text     TEXT NOT NULL
        );
        CREATE TABLE vectors (
            chunk  INTEGER PRIMARY KEY REFERENCES chunks (id),
            vector BLOB NOT NULL
        );
        CREATE INDEX chunks_by_document ON chunks (document, ordinal);
        """;

    /// <summary>Opens a connection for writing, creating folder, file and tables where they are missing.</summary>
    /// <exception cref="UserInputException">The path cannot be a knowledge file; the message says why.</exception>
    public static SqliteConnection OpenForWriting(string path)
    {
        if (Directory.Exists(path)) throw new UserInputException(path, $"The knowledge file {path} is a folder; a file is expected.");
        SqliteConnection? connection = null;
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            connection = Connect(path, SqliteOpenMode.ReadWriteCreate);
            // WAL: searches and the writer do not wait for each other. NORMAL: when the power fails the last commits may be gone, never the
            // file; what is gone is read from its sources again, so that a wait for the disk at every commit buys nothing here.
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(connection, "PRAGMA synchronous = NORMAL");
            Execute(connection, "PRAGMA cache_size = -65536");
            CreateOrCheck(connection, path);
            return connection;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw new UserInputException(path, $"The knowledge file {path} cannot be opened: {e.Message}", e);
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
            throw new UserInputException(path, $"{path} is a SQLite database, but not an AgentKit knowledge file.");
        }
        else if (version != Version)
        {
            throw new UserInputException(
                path, $"The knowledge file {path} has format {version}; this version of AgentKit reads format {Version}. Use a newer version.");
        }

        transaction.Commit();
    }
}
