using AgentKit.Memory.Sqlite;

namespace AgentKit.Memory.Journal;

/// <summary>The journal's file; <c>docs/formats.md</c> describes its tables.</summary>
internal static class JournalFile
{
    /// <summary>Version of the tables.</summary>
    public const int Version = 1;

    /// <summary>"AKJ1".</summary>
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

    // WAL: readers and the writer do not wait for each other. FULL: a commit is on the disk when it returns, also when the power fails; the
    // price, one fsync, is shared by all appends that wait for it.
    private const string Pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL";

    public static readonly SqliteFile Format = new("journal", ApplicationId, Version, Tables, Pragmas, UnfinishedIndex);
}
