using System.Text.Json;
using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Stores.Sqlite;

/// <summary>The file of a SQLite store; <c>docs/formats.md</c> describes its tables.</summary>
internal static class StoreFile
{
    /// <summary>Version of the tables.</summary>
    public const int Version = 1;

    /// <summary>"AKS1".</summary>
    private const int ApplicationId = 0x414B5331;

    private const string Tables = """
        CREATE TABLE collections (
            id    INTEGER PRIMARY KEY AUTOINCREMENT,
            name  TEXT NOT NULL UNIQUE,
            shape TEXT NOT NULL
        );
        CREATE TABLE scopes (
            id         INTEGER PRIMARY KEY AUTOINCREMENT,
            collection INTEGER NOT NULL REFERENCES collections (id),
            scope      TEXT NOT NULL,
            changes    INTEGER NOT NULL DEFAULT 0,
            removals   INTEGER NOT NULL DEFAULT 0,
            UNIQUE (collection, scope)
        );
        CREATE TABLE records (
            id     INTEGER PRIMARY KEY AUTOINCREMENT,
            scope  INTEGER NOT NULL REFERENCES scopes (id),
            key    TEXT NOT NULL,
            text   TEXT NOT NULL,
            terms  TEXT NOT NULL,
            data   TEXT NOT NULL,
            vector BLOB NOT NULL,
            change INTEGER NOT NULL,
            UNIQUE (scope, key)
        );
        CREATE INDEX records_by_change ON records (scope, change);
        CREATE TABLE fields (
            scope  INTEGER NOT NULL,
            name   TEXT NOT NULL,
            value  NOT NULL,
            record INTEGER NOT NULL REFERENCES records (id),
            PRIMARY KEY (scope, name, value, record)
        ) WITHOUT ROWID;
        CREATE INDEX fields_by_record ON fields (record);
        """;

    // FULL: what a write has acknowledged is on the disk. secure_delete: what is removed is overwritten.
    private const string Pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -16384";

    public static readonly SqliteFile Format = new("store", ApplicationId, Version, Tables, Pragmas);

    /// <summary>The full-text table of a scope; a table of its own, so that no other scope has an influence on its scores.</summary>
    public static string TermsOf(long scope) => $"terms_{scope}";

    public static string Write(IReadOnlyDictionary<string, object> data) => JsonSerializer.Serialize(data);

    public static IReadOnlyDictionary<string, object> Read(string json)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        using JsonDocument document = JsonDocument.Parse(json);
        foreach (JsonProperty property in document.RootElement.EnumerateObject()) data.Add(property.Name, Value(property.Value));
        return data;
    }

    public static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    internal static object Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetDouble(),
        _ => value.EnumerateArray().Select(one => one.GetString()!).ToArray(),
    };
}
