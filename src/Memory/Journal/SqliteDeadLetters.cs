using System.Globalization;
using System.Threading.Channels;
using AgentKit.Kernel.Actors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentKit.Memory.Journal;

/// <summary>
/// Keeps dead letters in the table <c>dead_letters</c> of a journal's file, where <c>agentkit runs dead-letters</c> shows them, also after
/// the process has ended. Pass <see cref="Add"/> to <see cref="ActorSystemOptions.OnDeadLetter"/>. The latest 10,000 are kept.
/// </summary>
public sealed class SqliteDeadLetters : IAsyncDisposable
{
    private const int MostWaiting = 4096;
    private const int MostKept = 10_000;
    private const int MostCharacters = 2000;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _writing;
    private readonly Channel<DeadLetterRecord> _letters = Channel.CreateBounded<DeadLetterRecord>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    /// <summary>Nothing is opened before the first dead letter.</summary>
    /// <param name="path">The journal's file; created where it is missing.</param>
    /// <param name="time">Stamps the letters; the system's clock when <c>null</c>.</param>
    /// <param name="logger">Told what could not be written; nobody when <c>null</c>.</param>
    public SqliteDeadLetters(string path, TimeProvider? time = null, ILogger? logger = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        (_path, _time, _logger) = (Path.GetFullPath(path), time ?? TimeProvider.System, logger ?? NullLogger.Instance);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Takes a dead letter in; it is written a moment later. Never waits: where too many come at once, the log has the rest.</summary>
    /// <param name="letter">The dead letter. Of its message the text is kept, up to 2,000 characters.</param>
    public void Add(DeadLetter letter)
    {
        ArgumentNullException.ThrowIfNull(letter);
        string? error = letter.Error is { } e ? Shorten($"{e.GetType().Name}: {e.Message}") : null;
        var record = new DeadLetterRecord(
            _time.GetUtcNow(), letter.To, letter.Reason, letter.Message.GetType().Name, Shorten(TextOf(letter.Message)), error, ProcessOwner.Current);
        if (!_letters.Writer.TryWrite(record)) _logger.LogError("A dead letter to {Actor} was not kept: too many at once", letter.To);
    }

    /// <summary>Writes what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _letters.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    /// <summary>The dead letters of a journal's file, the latest first; none when it has no such table.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static Task<IReadOnlyList<DeadLetterRecord>> ReadAsync(
        string path, int most = int.MaxValue, CancellationToken cancellationToken = default) =>
        Task.Run(() => Read(Path.GetFullPath(path), most), cancellationToken);

    /// <summary>How many dead letters a journal's file has.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static Task<int> CountAsync(string path, CancellationToken cancellationToken = default) =>
        Task.Run(() => Count(Path.GetFullPath(path)), cancellationToken);

    private async Task WriteAsync()
    {
        SqliteConnection? connection = null;
        try
        {
            while (await _letters.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                try
                {
                    connection ??= Open();
                    Write(connection);
                }
                catch (Exception e)
                {
                    // Letters that cannot be kept must not take the actor system with them; its log has every one.
                    int lost = 0;
                    while (_letters.Reader.TryRead(out _)) lost++;
                    _logger.LogError(e, "Dead letters could not be written to {Path}; {Count} more are only in the log", _path, lost);
                }
            }
        }
        finally
        {
            connection?.Dispose();
        }
    }

    private SqliteConnection Open()
    {
        SqliteConnection connection = JournalFile.Format.OpenForWriting(_path);
        Execute(connection, """
            CREATE TABLE IF NOT EXISTS dead_letters (
                id INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, reason TEXT NOT NULL,
                type TEXT NOT NULL, message TEXT NOT NULL, error TEXT, process TEXT NOT NULL
            )
            """);
        return connection;
    }

    private void Write(SqliteConnection connection)
    {
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        using SqliteCommand insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText =
            "INSERT INTO dead_letters (at, kind, key, reason, type, message, error, process) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        for (int i = 1; i <= 8; i++) insert.Parameters.Add(new SqliteParameter($"${i}", null));
        while (_letters.Reader.TryRead(out DeadLetterRecord? letter))
        {
            object?[] values =
            [
                JournalRows.Format(letter.At), letter.To.Kind, letter.To.Key, letter.Reason.ToString().ToLowerInvariant(),
                letter.Type, letter.Message, letter.Error, letter.Process,
            ];
            for (int i = 0; i < values.Length; i++) insert.Parameters[i].Value = values[i] ?? DBNull.Value;
            insert.ExecuteNonQuery();
        }

        Execute(connection, $"DELETE FROM dead_letters WHERE id <= (SELECT max(id) FROM dead_letters) - {MostKept}");
        transaction.Commit();
    }

    private static IReadOnlyList<DeadLetterRecord> Read(string path, int most)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        if (!HasTable(connection)) return [];
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT at, kind, key, reason, type, message, error, process FROM dead_letters ORDER BY id DESC LIMIT $most";
        command.Parameters.AddWithValue("$most", most);
        using SqliteDataReader row = command.ExecuteReader();
        var letters = new List<DeadLetterRecord>();
        while (row.Read())
        {
            letters.Add(new DeadLetterRecord(
                JournalRows.ParseTime(row.GetString(0)), new ActorId(row.GetString(1), row.GetString(2)),
                Enum.Parse<DeadLetterReason>(row.GetString(3), ignoreCase: true), row.GetString(4), row.GetString(5),
                row.IsDBNull(6) ? null : row.GetString(6), row.GetString(7)));
        }

        return letters;
    }

    private static int Count(string path)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(path);
        return HasTable(connection) ? (int)Scalar(connection, "SELECT count(*) FROM dead_letters") : 0;
    }

    private static bool HasTable(SqliteConnection connection) =>
        Scalar(connection, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'dead_letters'") > 0;

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The author's own text of a message; its type when that fails.</summary>
    private static string TextOf(object message)
    {
        try
        {
            return message.ToString() ?? "";
        }
        catch (Exception e)
        {
            return $"{message.GetType()}, whose ToString failed: {e.Message}";
        }
    }

    private static string Shorten(string text) => text.Length <= MostCharacters
        ? text
        : string.Create(CultureInfo.InvariantCulture, $"{text[..MostCharacters]}… (+{text.Length - MostCharacters} characters)");
}
