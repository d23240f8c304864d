using System.Diagnostics;
using System.Globalization;
using System.Text;
using AgentKit.Memory.Sqlite;
using AgentKit.SlowTests.Cli;
using Microsoft.Data.Sqlite;

namespace AgentKit.SlowTests.Memory;

/// <summary>An ingest whose process is killed at some moment and begun again gives the index that an uninterrupted one gives.</summary>
public sealed class KilledIngestTests : IDisposable
{
    private const int Files = 2500;
    private const int Kills = 8;

    private readonly ChildCli _cli = new();

    public void Dispose() => _cli.Dispose();

    /// <remarks>The environment variable AGENTKIT_INGEST_KILLS asks for more.</remarks>
    [Fact]
    public async Task Kill_AtRandomMoments_ThenAddAgain_GivesTheSameIndex()
    {
        int kills = int.TryParse(Environment.GetEnvironmentVariable("AGENTKIT_INGEST_KILLS"), CultureInfo.InvariantCulture, out int asked) ? asked : Kills;
        string docs = WriteDocuments();
        long started = Stopwatch.GetTimestamp();
        Assert.Equal(0, (await _cli.RunAsync(null, "index", "add", docs, "--name", "whole", "--quiet")).ExitCode);
        TimeSpan whole = Stopwatch.GetElapsedTime(started);
        string expected = Dump("whole");
        var random = new Random(5);
        int interrupted = 0;
        for (int i = 0; i < kills; i++)
        {
            string name = $"killed{i}";
            using (Process process = _cli.Start("index", "add", docs, "--name", name, "--quiet"))
            {
                using var alarm = new CancellationTokenSource(whole * random.NextDouble());
                try
                {
                    await process.WaitForExitAsync(alarm.Token);
                }
                catch (OperationCanceledException)
                {
                    interrupted++;
                    process.Kill();
                    await process.WaitForExitAsync();
                }
            }

            Assert.Equal(0, (await _cli.RunAsync(null, "index", "add", docs, "--name", name, "--quiet")).ExitCode);
            Assert.Equal(expected, Dump(name));
        }

        Assert.True(interrupted > 0, "no process was killed before it was done");
    }

    private string WriteDocuments()
    {
        string folder = Path.Combine(_cli.Home, "docs");
        Directory.CreateDirectory(folder);
        var random = new Random(2);
        for (int i = 0; i < Files; i++)
        {
            string words = string.Join(' ', Enumerable.Range(0, 300).Select(_ => $"word{random.Next(3000)}"));
            File.WriteAllText(Path.Combine(folder, $"{i:d4}.md"), $"# Page {i}\n\n{words}.\n\n## Part\n\n{words[..200]}\n");
        }

        return folder;
    }

    /// <summary>All that a search can depend on: documents, chunks, and every term with its places.</summary>
    private string Dump(string name)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(Path.Combine(_cli.Home, "knowledge", $"{name}.db"));
        SqliteFile.Execute(connection, "CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab('main', 'terms_1', 'instance')");
        var dump = new StringBuilder();
        foreach (string sql in (string[])
            ["SELECT id, source, title, bytes, hex(hash) FROM documents ORDER BY id",
            "SELECT id, document, ordinal, heading, start, end, hex(hash) FROM chunks ORDER BY id",
            "SELECT term, count(*), sum(doc), sum(doc * \"offset\"), total(\"offset\") FROM temp.terms GROUP BY term ORDER BY term"])
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            using SqliteDataReader row = command.ExecuteReader();
            object[] values = new object[row.FieldCount];
            while (row.Read())
            {
                row.GetValues(values);
                dump.AppendJoin('|', values).Append('\n');
            }
        }

        SqliteFile.ClosePool(connection.DataSource);
        return dump.ToString();
    }
}
