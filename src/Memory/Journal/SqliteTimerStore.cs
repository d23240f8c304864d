using System.Runtime.CompilerServices;
using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Journal;

/// <summary>Timers in the table <c>timers</c> of a journal's file; on the disk when a call returns. Several processes may use one file.</summary>
/// <param name="path">The journal's file; created where it is missing.</param>
/// <exception cref="UserInputException">The path cannot be a journal; the message says why.</exception>
public sealed class SqliteTimerStore(string path) : ITimerStore
{
    private readonly string _path = Create(path);

    /// <inheritdoc/>
    public async ValueTask SetAsync(DurableTimer timer, CancellationToken cancellationToken = default) => await Task.Run(
        () => Execute(
            "INSERT INTO timers (kind, key, name, due, text) VALUES ($kind, $key, $name, $due, $text) "
            + "ON CONFLICT (kind, key, name) DO UPDATE SET due = $due, text = $text",
            timer),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<bool> RemoveAsync(DurableTimer timer, CancellationToken cancellationToken = default) => await Task.Run(
        () => Execute("DELETE FROM timers WHERE kind = $kind AND key = $key AND name = $name AND due = $due", timer) > 0,
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async IAsyncEnumerable<DurableTimer> DueAsync(
        string kind, DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (DurableTimer timer in await Task.Run(() => Read(kind, now), cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return timer;
        }
    }

    private static string Create(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        path = Path.GetFullPath(path);
        using SqliteConnection connection = JournalFile.Format.OpenForWriting(path);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            """
            CREATE TABLE IF NOT EXISTS timers (
                kind TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, due TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (kind, key, name)
            ) WITHOUT ROWID
            """;
        command.ExecuteNonQuery();
        return path;
    }

    private int Execute(string sql, DurableTimer timer)
    {
        using SqliteConnection connection = JournalFile.Format.OpenForWriting(_path);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$kind", timer.Actor.Kind);
        command.Parameters.AddWithValue("$key", timer.Actor.Key);
        command.Parameters.AddWithValue("$name", timer.Name);
        command.Parameters.AddWithValue("$due", JournalRows.Format(timer.Due));
        command.Parameters.AddWithValue("$text", timer.Text);
        return command.ExecuteNonQuery();
    }

    private List<DurableTimer> Read(string kind, DateTimeOffset now)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(_path);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT key, name, due, text FROM timers WHERE kind = $kind AND due <= $now ORDER BY due";
        command.Parameters.AddWithValue("$kind", kind);
        command.Parameters.AddWithValue("$now", JournalRows.Format(now));
        using SqliteDataReader reader = command.ExecuteReader();
        var timers = new List<DurableTimer>();
        while (reader.Read())
            timers.Add(new DurableTimer(new ActorId(kind, reader.GetString(0)), reader.GetString(1), JournalRows.ParseTime(reader.GetString(2)), reader.GetString(3)));
        return timers;
    }
}
