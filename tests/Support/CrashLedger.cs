using Microsoft.Data.Sqlite;

namespace AgentKit.Tests.Support;

/// <summary>The world that the tools of a crash test change: one row in a SQLite file for every effect, on the disk when it returns.</summary>
internal sealed class CrashLedger(string path)
{
    public void Create() => Execute("CREATE TABLE IF NOT EXISTS effects (kind TEXT NOT NULL, key TEXT NOT NULL)", null, null);

    /// <summary>Writes an effect, however often it is there already.</summary>
    public void Write(string kind, string key) => Execute("INSERT INTO effects (kind, key) VALUES ($kind, $key)", kind, key);

    /// <summary>Writes an effect unless one of that key is there.</summary>
    public void WriteOnce(string kind, string key) => Execute(
        "INSERT INTO effects (kind, key) SELECT $kind, $key WHERE NOT EXISTS (SELECT 1 FROM effects WHERE kind = $kind AND key = $key)",
        kind, key);

    public bool Has(string kind, string key) => All().Contains((kind, key));

    /// <summary>Every effect, the repeated ones repeatedly.</summary>
    public IReadOnlyList<(string Kind, string Key)> All()
    {
        using SqliteConnection connection = Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT kind, key FROM effects";
        using SqliteDataReader reader = command.ExecuteReader();
        var effects = new List<(string Kind, string Key)>();
        while (reader.Read()) effects.Add((reader.GetString(0), reader.GetString(1)));
        return effects;
    }

    private void Execute(string sql, string? kind, string? key)
    {
        using SqliteConnection connection = Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        if (kind is not null) command.Parameters.AddWithValue("$kind", kind);
        if (key is not null) command.Parameters.AddWithValue("$key", key);
        command.ExecuteNonQuery();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }
}
