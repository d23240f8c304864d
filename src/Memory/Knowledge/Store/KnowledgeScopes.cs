using AgentKit.Memory.Sqlite;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Knowledge.Store;

/// <summary>Numbers of scopes. Each has a full-text table of its own: nothing of another scope can be found or change a score.</summary>
internal static class KnowledgeScopes
{
    // The terms are made by the analyzer; SQLite has to part them at blanks only.
    private const string FullTextOptions = "content='', contentless_delete=1, tokenize='ascii'";
    private const int PendingBytes = 64 * 1024 * 1024;
    private const int SegmentsToMerge = 16;

    /// <summary>
    /// Notes a change of scope ?1. Generations grow by steps that nobody can tell: two states of one file that both come after a third, as when a backup
    /// was put back or the power has failed, never share one, and neither do files that follow each other under one name.
    /// </summary>
    public const string Advance = "UPDATE scopes SET generation = generation + 1 + (random() & 4294967295) WHERE id = ?1";

    /// <summary>The full-text table of a scope: <c>heading</c> and <c>body</c>, one row for each chunk.</summary>
    public static string TableOf(long scope) => $"terms_{scope}";

    /// <returns>The number of a scope, <c>null</c> when nothing was ever written to it.</returns>
    public static long? Find(SqliteConnection connection, MemoryScope scope)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT id FROM scopes WHERE tenant = $tenant AND collection = $collection AND user = $user AND agent = $agent";
        Bind(command, scope);
        return (long?)command.ExecuteScalar();
    }

    /// <summary>The number of a scope; makes it where it is new.</summary>
    public static long Ensure(SqliteConnection connection, MemoryScope scope)
    {
        if (Find(connection, scope) is { } known) return known;
        using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText =
            "INSERT INTO scopes (tenant, collection, user, agent) VALUES ($tenant, $collection, $user, $agent) ON CONFLICT DO NOTHING";
        Bind(command, scope);
        bool isNew = command.ExecuteNonQuery() == 1;
        long id = Find(connection, scope)!.Value;
        if (isNew)
        {
            string table = TableOf(id);
            SqliteFile.Execute(connection, $"CREATE VIRTUAL TABLE {table} USING fts5(heading, body, {FullTextOptions})");
            // More terms are gathered in memory before they are written out: fewer segments to merge.
            SqliteFile.Execute(connection, $"INSERT INTO {table} ({table}, rank) VALUES ('hashsize', {PendingBytes})");
            // Every commit writes a segment: sixteen are merged at once instead of four and four, which takes a sixth off the time of writing.
            SqliteFile.Execute(connection, $"INSERT INTO {table} ({table}, rank) VALUES ('automerge', {SegmentsToMerge})");
        }

        transaction.Commit();
        return id;
    }

    /// <summary>What made the vectors of a scope, empty when it has none; and a number that grows with every change of it.</summary>
    public static (string Embedder, long Generation) State(SqliteConnection connection, long scope)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT embedder, generation FROM scopes WHERE id = $scope";
        command.Parameters.AddWithValue("$scope", scope);
        using SqliteDataReader row = command.ExecuteReader();
        row.Read();
        return (row.GetString(0), row.GetInt64(1));
    }

    private static void Bind(SqliteCommand command, MemoryScope scope)
    {
        command.Parameters.AddWithValue("$tenant", scope.Tenant);
        command.Parameters.AddWithValue("$collection", scope.Collection);
        command.Parameters.AddWithValue("$user", scope.User);
        command.Parameters.AddWithValue("$agent", scope.Agent);
    }
}
