using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Journal;

/// <summary>
/// The journal in one SQLite file. An append returns when it is on the disk: it survives the end of the process and of the power. Appends
/// of many runs that wait at the same time share one transaction, several processes may use one file, and reading waits for nobody.
/// </summary>
public sealed class SqliteJournal : IJournal, IAsyncDisposable
{
    private const int MostWaiting = 1024;
    private const int MostInBatch = 256;
    private const int PageSize = 256;

    private readonly string _path;
    private readonly Channel<PendingAppend> _appends = Channel.CreateBounded<PendingAppend>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Task _writing;

    private SqliteJournal(string path, JournalWriter writer)
    {
        _path = path;
        _writing = Task.Run(() => WriteAsync(writer));
    }

    /// <summary>Opens a journal; creates the file and its folder where they are missing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">Stamps the events; the system's clock when <c>null</c>.</param>
    /// <exception cref="UserInputException">
    /// The path is a folder, not a database, another database than a journal, not writable, or a journal of a newer format.
    /// </exception>
    public static SqliteJournal Open(string path, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        path = Path.GetFullPath(path);
        return new SqliteJournal(path, new JournalWriter(JournalFile.Format.OpenForWriting(path), time ?? TimeProvider.System));
    }

    /// <inheritdoc/>
    public async ValueTask<long> AppendAsync(
        string runId, long expectedVersion, IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken = default)
    {
        RunHead.Check(runId, expectedVersion, events);
        cancellationToken.ThrowIfCancellationRequested();
        return await WriteAsync(new PendingAppend(runId, expectedVersion, events), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a whole run in that another journal has recorded, with its own times.</summary>
    /// <param name="records">All records of the run, as <see cref="RunFile.Read"/> returns them.</param>
    /// <param name="cancellationToken">Cancels waiting, never a write that has begun.</param>
    /// <exception cref="JournalConflictException">The journal has a run of this id.</exception>
    public async Task ImportAsync(IReadOnlyList<JournalRecord> records, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(records);
        AgentEvent[] events = [.. records.Select(record => record.Event)];
        string runId = records.Count > 0 ? records[0].RunId : throw new ArgumentException("There is nothing to import.", nameof(records));
        RunHead.Check(runId, 0, events);
        await WriteAsync(new PendingAppend(runId, 0, events, [.. records.Select(record => record.At)]), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<long> WriteAsync(PendingAppend append, CancellationToken cancellationToken)
    {
        try
        {
            await _appends.Writer.WriteAsync(append, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteJournal));
        }

        await using CancellationTokenRegistration registration = cancellationToken.Register(() => append.Withdraw(cancellationToken));
        return await append.Done.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="UserInputException">An event is of a newer schema, or damaged.</exception>
    public async IAsyncEnumerable<JournalRecord> ReadAsync(
        string runId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        long version = 0;
        List<JournalRecord> page;
        do
        {
            // By pages: a slow consumer must not hold a read transaction, which would keep the write-ahead log from being emptied.
            page = await Task.Run(() => ReadPage(runId, version), cancellationToken).ConfigureAwait(false);
            foreach (JournalRecord record in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                version = record.Version;
                yield return record;
            }
        }
        while (page.Count == PageSize);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RunSummary> ListAsync(
        bool unfinishedOnly = false, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RunHead? last = null;
        List<RunHead> page;
        do
        {
            page = await Task.Run(() => ListPage(unfinishedOnly, last), cancellationToken).ConfigureAwait(false);
            foreach (RunHead head in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                last = head;
                yield return head.ToSummary();
            }
        }
        while (page.Count == PageSize);
    }

    /// <summary>Writes what waits and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _appends.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    /// <summary>The one writer: takes whatever waits, commits it together, and tells the callers.</summary>
    private async Task WriteAsync(JournalWriter writer)
    {
        using (writer)
        {
            var batch = new List<PendingAppend>(MostInBatch);
            while (await _appends.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                while (batch.Count < MostInBatch && _appends.Reader.TryRead(out PendingAppend? append)) batch.Add(append);
                writer.Write(batch);
                batch.Clear();
            }

            // The last connection to close empties the write-ahead log and removes it, if it may write.
            SqliteFile.ClosePool(_path);
        }
    }

    private List<JournalRecord> ReadPage(string runId, long after)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(_path);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            "SELECT version, schema, at, event FROM events WHERE run_id = $run_id AND version > $after ORDER BY version LIMIT $count";
        command.Parameters.AddWithValue("$run_id", runId);
        command.Parameters.AddWithValue("$after", after);
        command.Parameters.AddWithValue("$count", PageSize);
        using SqliteDataReader reader = command.ExecuteReader();
        var page = new List<JournalRecord>();
        while (reader.Read())
        {
            int schema = reader.GetInt32(1);
            AgentEvent e = EventJson.Read($"{_path}, run {runId}", schema, reader.GetString(3));
            page.Add(new JournalRecord(runId, reader.GetInt64(0), schema, JournalRows.ParseTime(reader.GetString(2)), e));
        }

        return page;
    }

    private List<RunHead> ListPage(bool unfinishedOnly, RunHead? after)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(_path);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            $"""
            SELECT {JournalRows.HeadColumns} FROM runs
            WHERE {(unfinishedOnly ? "status NOT IN ('completed', 'failed')" : "1")}
            {(after is null ? "" : "AND (started, run_id) < ($started, $run_id)")}
            ORDER BY started DESC, run_id DESC LIMIT {PageSize}
            """;
        if (after is not null)
        {
            command.Parameters.AddWithValue("$started", JournalRows.Format(after.Started));
            command.Parameters.AddWithValue("$run_id", after.RunId);
        }

        using SqliteDataReader reader = command.ExecuteReader();
        var page = new List<RunHead>();
        while (reader.Read()) page.Add(JournalRows.ReadHead(reader));
        return page;
    }
}
