using AgentKit.Memory.Sqlite;

namespace AgentKit.Memory.Knowledge.Store;

/// <summary>The file of a knowledge base; <c>docs/formats.md</c> describes its tables.</summary>
internal static class KnowledgeFile
{
    /// <summary>Version of the tables.</summary>
    public const int Version = 1;

    /// <summary>"AKK1".</summary>
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

    // Files of this version that were made before contexts get the table when they are opened.
    private const string Extras = """
        CREATE TABLE IF NOT EXISTS contexts (
            chunk  INTEGER PRIMARY KEY,
            scope  INTEGER NOT NULL REFERENCES scopes (id),
            recipe TEXT NOT NULL,
            hash   BLOB NOT NULL,
            text   TEXT NOT NULL
        );
        CREATE INDEX IF NOT EXISTS contexts_by_hash ON contexts (scope, hash);
        """;

    // WAL: searches and the writer do not wait for each other. NORMAL: when the power fails the last commits may be gone, never the file; what
    // is gone is read from its sources again, so that a wait for the disk at every commit buys nothing here.
    private const string Pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536";

    public static readonly SqliteFile Format = new("knowledge file", ApplicationId, Version, Tables, Pragmas, Extras);
}
