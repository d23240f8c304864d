using AgentKit.Kernel.Runs;
using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Journal;

/// <summary>Writes batches of appends, each batch in one transaction. Used by one thread at a time.</summary>
internal sealed class JournalWriter : IDisposable
{
    private const int MostHeads = 4096;
    private const int TooBig = 18;
    private const int Constraint = 19;

    private readonly SqliteConnection _connection;
    private readonly TimeProvider _time;
    private readonly SqliteCommand _selectRun;
    private readonly SqliteCommand _insertRun;
    private readonly SqliteStatement _updateRun;
    private readonly SqliteStatement _insertEvent;

    // Heads as this writer left them. Another process may have appended since; the update finds that out by the version.
    private readonly Dictionary<string, RunHead> _heads = new(StringComparer.Ordinal);

    public JournalWriter(SqliteConnection connection, TimeProvider time)
    {
        (_connection, _time) = (connection, time);
        _selectRun = Prepare($"SELECT {JournalRows.HeadColumns} FROM runs WHERE run_id = $run_id", "$run_id");
        _insertRun = Prepare(
            $"INSERT INTO runs ({JournalRows.HeadColumns}) VALUES ($run_id, $version, $status, $agent, $task, $owner, $started, $steps)",
            "$run_id", "$version", "$status", "$agent", "$task", "$owner", "$started", "$steps");
        _updateRun = new SqliteStatement(
            connection, "UPDATE runs SET version = ?1, status = ?2, owner = ?3, steps = ?4 WHERE run_id = ?5 AND version = ?6");
        _insertEvent = new SqliteStatement(
            connection, "INSERT INTO events (run_id, version, schema, at, event) VALUES (?1, ?2, ?3, ?4, ?5)");
    }

    /// <summary>
    /// Commits a batch and tells every caller its outcome. An append that breaks a rule fails alone. When the transaction fails because of
    /// what is in it, each append is tried once more by itself; when the file is at fault, all fail.
    /// </summary>
    public void Write(IReadOnlyList<PendingAppend> batch)
    {
        PendingAppend[] claimed = [.. batch.Where(append => append.TryBegin())];
        if (claimed.Length == 0) return;
        try
        {
            Commit(claimed);
        }
        catch (Exception e)
        {
            _heads.Clear();
            bool alone = claimed.Length > 1 && e is SqliteException { SqliteErrorCode: TooBig or Constraint };
            foreach (PendingAppend append in claimed)
            {
                if (alone) Write([append]);
                else append.Fail(e);
            }
        }
    }

    public void Dispose()
    {
        _selectRun.Dispose();
        _insertRun.Dispose();
        _updateRun.Dispose();
        _insertEvent.Dispose();
        _connection.Dispose();
    }

    private void Commit(IReadOnlyList<PendingAppend> batch)
    {
        var outcomes = new List<Action>(batch.Count);
        using (SqliteTransaction transaction = _connection.BeginTransaction(deferred: false))
        {
            (_selectRun.Transaction, _insertRun.Transaction) = (transaction, transaction);
            DateTimeOffset now = _time.GetUtcNow();
            string stamp = JournalRows.Format(now);
            foreach (PendingAppend append in batch)
            {
                try
                {
                    RunHead after = Store(append, now);
                    for (int i = 0; i < append.Json.Length; i++)
                    {
                        _insertEvent.Bind(1, append.RunId).Bind(2, append.ExpectedVersion + i + 1).Bind(3, EventJson.Schema)
                            .Bind(4, append.Times is { } times ? JournalRows.Format(times[i]) : stamp).Bind(5, append.Json[i]).Execute();
                    }

                    outcomes.Add(() => append.Complete(after.Version));
                }
                catch (Exception e) when (e is JournalConflictException or ArgumentException)
                {
                    outcomes.Add(() => append.Fail(e));
                }
            }

            transaction.Commit();
        }

        foreach (Action outcome in outcomes) outcome();
    }

    /// <summary>Brings the run's head up to date, from the head in memory if that is still the one in the file.</summary>
    private RunHead Store(PendingAppend append, DateTimeOffset now)
    {
        DateTimeOffset at = append.Times?[0] ?? now;
        if (_heads.GetValueOrDefault(append.RunId) is { } known && known.Version == append.ExpectedVersion)
        {
            RunHead next = RunHead.Append(append.RunId, known, append.ExpectedVersion, append.Events, at);
            if (Update(next, append.ExpectedVersion)) return Remember(next);
        }

        RunHead? before = Find(append.RunId);
        RunHead after = RunHead.Append(append.RunId, before, append.ExpectedVersion, append.Events, at);
        if (before is null) Insert(after);
        else Update(after, append.ExpectedVersion);
        return Remember(after);
    }

    private bool Update(RunHead head, long from) =>
        _updateRun.Bind(1, head.Version).Bind(2, JournalRows.Format(head.Status)).Bind(3, head.Owner).Bind(4, head.Steps)
            .Bind(5, head.RunId).Bind(6, from).Execute() == 1;

    private void Insert(RunHead head)
    {
        object[] values =
        [
            head.RunId, head.Version, JournalRows.Format(head.Status), head.Agent, head.Task, head.Owner, JournalRows.Format(head.Started), head.Steps,
        ];
        for (int i = 0; i < values.Length; i++) _insertRun.Parameters[i].Value = values[i];
        _insertRun.ExecuteNonQuery();
    }

    private RunHead Remember(RunHead head)
    {
        if (_heads.Count >= MostHeads) _heads.Clear();
        if (head.IsUnfinished) _heads[head.RunId] = head;
        else _heads.Remove(head.RunId);
        return head;
    }

    private RunHead? Find(string runId)
    {
        _selectRun.Parameters[0].Value = runId;
        using SqliteDataReader reader = _selectRun.ExecuteReader();
        return reader.Read() ? JournalRows.ReadHead(reader) : null;
    }

    private SqliteCommand Prepare(string sql, params string[] parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (string name in parameters) command.Parameters.Add(new SqliteParameter(name, null));
        return command;
    }
}
