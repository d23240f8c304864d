using System.Globalization;
using AgentKit.Kernel.Runs;
using Microsoft.Data.Sqlite;

namespace AgentKit.Memory.Journal;

/// <summary>How a run's head lies in its row.</summary>
internal static class JournalRows
{
    /// <summary>The columns <see cref="ReadHead"/> expects, in its order.</summary>
    public const string HeadColumns = "run_id, version, status, agent, task, owner, started, steps";

    public static RunHead ReadHead(SqliteDataReader row) => new(
        row.GetString(0), row.GetInt64(1), Enum.Parse<RunStatus>(row.GetString(2), ignoreCase: true), row.GetString(3), row.GetString(4),
        row.GetString(5), ParseTime(row.GetString(6)), row.GetInt32(7));

    public static string Format(RunStatus status) => status.ToString().ToLowerInvariant();

    /// <summary>Times are stored as ISO 8601 in UTC with all seven digits, so that they sort as text.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    public static DateTimeOffset ParseTime(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}
