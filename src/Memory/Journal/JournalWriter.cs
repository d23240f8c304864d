using AgentKit.Kernel.Runs;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Journal;

/// <summary>Writes batches of appends, each batch in one transaction. Used by one thread at a time.</summary>
internal sealed class JournalWriter : IDisposable
{
    private const int TooBig = 18;
    private const int Constraint = 19;

    private readonly SqliteConnection _connection;
    private readonly TimeProvider _time;
    private readonly SqliteCommand _selectRun;
    private readonly SqliteCommand _upsertRun;
    private readonly SqliteCommand _insertEvent;

    public JournalWriter(SqliteConnection connection, TimeProvider time)
    {
        (_connection, _time) = (connection, time);
        _selectRun = Prepare($"SELECT {JournalRows.HeadColumns} FROM runs WHERE run_id = $run_id", "$run_id");
        _upsertRun = Prepare(
            $"""
            INSERT INTO runs ({JournalRows.HeadColumns})
            VALUES ($run_id, $version, $status, $agent, $task, $owner, $started, $steps)
            ON CONFLICT (run_id) DO UPDATE SET version = $version, status = $status, owner = $owner, steps = $steps
            """,
            "$run_id", "$version", "$status", "$agent", "$task", "$owner", "$started", "$steps");
        _insertEvent = Prepare(
            "INSERT INTO events (run_id, version, schema, at, event) VALUES ($run_id, $version, $schema, $at, $event)",
            "$run_id", "$version", "$schema", "$at", "$event");
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
        _upsertRun.Dispose();
        _insertEvent.Dispose();
        _connection.Dispose();
    }

    private void Commit(IReadOnlyList<PendingAppend> batch)
    {
        var outcomes = new List<Action>(batch.Count);
        using (SqliteTransaction transaction = _connection.BeginTransaction(deferred: false))
        {
            foreach (SqliteCommand command in (SqliteCommand[])[_selectRun, _upsertRun, _insertEvent]) command.Transaction = transaction;
            DateTimeOffset now = _time.GetUtcNow();
            foreach (PendingAppend append in batch)
            {
                try
                {
                    RunHead? before = Find(append.RunId);
                    RunHead after = RunHead.Append(append.RunId, before, append.ExpectedVersion, append.Events, append.Times?[0] ?? now);
                    Store(after, append, now);
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

    private void Store(RunHead head, PendingAppend append, DateTimeOffset now)
    {
        Execute(
            _upsertRun, head.RunId, head.Version, JournalRows.Format(head.Status), head.Agent, head.Task, head.Owner,
            JournalRows.Format(head.Started), head.Steps);
        for (int i = 0; i < append.Json.Length; i++)
        {
            string at = JournalRows.Format(append.Times?[i] ?? now);
            Execute(_insertEvent, append.RunId, append.ExpectedVersion + i + 1, EventJson.Schema, at, append.Json[i]);
        }
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

    private static void Execute(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        command.ExecuteNonQuery();
    }
}
